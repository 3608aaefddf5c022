import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";
import { sql } from "drizzle-orm";
import { drizzle, type PgliteDatabase } from "drizzle-orm/pglite";
import { createStatements } from "./ddl.ts";
import { lockDirectory } from "./lock.ts";
import { cursors } from "./schema.ts";

export type Database = PgliteDatabase;
export type Transaction = Parameters<Parameters<Database["transaction"]>[0]>[0];
/** Reads work on both. */
export type Reader = Pick<Database, "select" | "execute" | "$count">;

/** Raised when handlers write other rows for the same input: rows of another version are not resumed. */
const HANDLER_VERSION = 1;

export interface OpenDatabase {
  db: Database;
  /** true when nothing was kept: a new directory, another schema, or another network */
  fresh: boolean;
  close(): Promise<void>;
}

/**
 * Opens the embedded PostgreSQL in `dataDir` (`memory://` keeps nothing). Rows of another schema, version or `network`
 * (any text that names what is indexed) are dropped, and indexing starts again.
 * @throws ERR_STORE_LOCKED when another process uses the directory
 */
export async function openDatabase(dataDir: string, network: string): Promise<OpenDatabase> {
  const inMemory = dataDir.startsWith("memory://");
  if (!inMemory) await mkdir(dataDir, { recursive: true });
  const unlock = inMemory ? async () => {} : await lockDirectory(dataDir);
  try {
    const client = await PGlite.create(inMemory ? dataDir : `${dataDir}/pg`);
    const db = drizzle({ client });
    const fresh = await prepare(db, buildId(network));
    return {
      db,
      fresh,
      close: async () => {
        await client.close();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

function buildId(network: string): string {
  return createHash("sha256")
    .update(JSON.stringify([HANDLER_VERSION, network, createStatements()]))
    .digest("hex");
}

async function prepare(db: Database, build: string): Promise<boolean> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`CREATE TABLE IF NOT EXISTS builds (id text PRIMARY KEY)`);
    const { rows } = await tx.execute<{ id: string }>(sql`SELECT id FROM builds`);
    if (rows[0]?.id === build) return false;
    await tx.execute(sql`DROP SCHEMA public CASCADE`);
    await tx.execute(sql`CREATE SCHEMA public`);
    await tx.execute(sql`CREATE TABLE builds (id text PRIMARY KEY)`);
    for (const statement of createStatements()) await tx.execute(sql.raw(statement));
    await tx.execute(sql`INSERT INTO builds (id) VALUES (${build})`);
    await tx.insert(cursors).values({ id: 0, l2Block: -1, height: -1, epoch: 0, index: 0 });
    return true;
  });
}
