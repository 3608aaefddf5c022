import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import { createStatements } from "./ddl.ts";
import { cursors } from "./schema.ts";

/** What both drivers answer. */
interface Result<Row> {
  rows: Row[];
}
interface ResultHKT extends PgQueryResultHKT {
  type: Result<this["row"]>;
}
export type Database = PgDatabase<ResultHKT>;
export type Transaction = Parameters<Parameters<Database["transaction"]>[0]>[0];
/** Reads work on both. */
export type Reader = Pick<Database, "select" | "selectDistinctOn" | "execute" | "$count">;

/** The one who writes, among all processes that use the database. */
export interface Writer {
  /** Runs `fn` in one transaction. @throws ERR_STORE_LOST when another writes by now */
  write<T>(fn: (tx: Transaction) => Promise<T>): Promise<T>;
  /** aborted once another may write: everything that leads to writes has to begin anew */
  lost: AbortSignal;
  release(): Promise<void>;
}

/** The reads of one request. */
export interface Reading {
  db: Database;
  /** Begins no statement any more; a server also ends those that run. */
  giveUp(): void;
}

export interface Store {
  /** for reads */
  db: Database;
  /** for the reads of one request: it waits for itself before others wait for it */
  read(): Reading;
  /** true when nothing was kept: a new database, another schema, or another network */
  fresh: boolean;
  /** Waits until nobody else writes; `waiting` is called once if somebody does. Rejects when `signal` aborts. */
  claim(signal: AbortSignal, waiting: () => void): Promise<Writer>;
  /** that one write takes of the L2: others wait for its end */
  logsPerWrite: number;
  /** Makes the indexes that a backfill goes without, where they are not there yet. Rejects when `signal` aborts. @throws ERR_DATABASE */
  complete(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Raised when handlers write other rows for the same input: rows of another version are not resumed. */
export const HANDLER_VERSION = 3;

/** Schemas of one network begin alike; each build of handlers and tables has its own. */
export interface SchemaName {
  network: string;
  name: string;
}

/** `network`: any text that names what is indexed. */
export function schemaName(network: string): SchemaName {
  const prefix = `flk_${digest(network)}_`;
  const statements = createStatements().map(({ text }) => text);
  return { network: prefix, name: prefix + digest(JSON.stringify([HANDLER_VERSION, statements])) };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/** Makes the tables of this build if they are not there, but not the indexes `later`; true when it made them. Two at once make them once. */
export async function prepareSchema(
  tx: Transaction,
  { name }: SchemaName,
  later: ReadonlySet<string>,
): Promise<boolean> {
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtext(${name}))`);
  if ((await schemasLike(tx, name)).length > 0) return false;
  const schema = sql.identifier(name);
  await tx.execute(sql`CREATE SCHEMA ${schema}`);
  await tx.execute(sql`SET LOCAL search_path TO ${schema}`);
  for (const { text, index } of createStatements())
    if (index === undefined || !later.has(index)) await tx.execute(sql.raw(text));
  await tx.insert(cursors).values({ id: 0, l2Block: -1, height: -1, epoch: 0, index: 0 });
  return true;
}

/** Schemas of the network that are not `name`'s: what earlier builds wrote. */
export async function otherSchemas(db: Reader, { network, name }: SchemaName): Promise<string[]> {
  return (await schemasLike(db, network)).filter((schema) => schema !== name);
}

async function schemasLike(db: Reader, prefix: string): Promise<string[]> {
  const { rows } = await db.execute<{ name: string }>(
    sql`SELECT nspname AS name FROM pg_namespace WHERE starts_with(nspname, ${prefix}) ORDER BY nspname`,
  );
  return rows.map((row) => row.name);
}

export async function dropSchema(db: Pick<Database, "execute">, name: string): Promise<void> {
  await db.execute(sql`DROP SCHEMA ${sql.identifier(name)} CASCADE`);
}
