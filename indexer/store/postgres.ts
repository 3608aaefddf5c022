import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { Client, type ClientConfig, type Pool, type PoolClient, type PoolConfig } from "pg";
import { FlkError, isFlkError } from "#protocol/errors/error.ts";
import type { IndexerErrorCode } from "../errors.ts";
import { beginWrite } from "./cursor.ts";
import {
  type Database,
  dropSchema,
  otherSchemas,
  prepareSchema,
  type Reading,
  type Store,
  schemaName,
  type Writer,
} from "./database.ts";
import { LATER, makeLater } from "./later-indexes.ts";
import { createPool, transact } from "./pool.ts";
import { readProgress } from "./progress.ts";
import { readThrough } from "./reading.ts";
import { cursors } from "./schema.ts";

/** ms: no query of the API runs longer, and no write waits longer for another. */
const STATEMENT_TIMEOUT = 30_000;
const CONNECT_TIMEOUT = 10_000;
const READERS = 10;
/** of them: for one request */
const READERS_EACH = 3;
/** apart, so that no number of queries holds up what is indexed */
const WRITERS = 3;
/** Rows that many logs change are then written once for them all; blocks and the heartbeat wait for the end of a write. */
const LOGS_PER_WRITE = 50_000;

/**
 * A PostgreSQL that several processes share: any number read, one writes. Each build of the tables has a schema of its
 * own, so that an older build goes on serving while a newer one indexes again.
 * @throws ERR_DATABASE
 */
export async function openPostgres(url: string, network: string): Promise<Store> {
  const schema = schemaName(network);
  const options = `-c search_path=${schema.name}`;
  const pool = createServerPool(url, { options, max: READERS });
  const writing = createServerPool(url, { options, max: WRITERS });
  const ending = createServerPool(url, { max: 1 });
  const close = async () => void (await Promise.all([pool.end(), writing.end(), ending.end()]));
  try {
    const fresh = await transact(writing, (tx) => prepareSchema(tx, schema, LATER));
    return {
      db: drizzle({ client: pool }),
      read: () => readOf(pool, ending),
      fresh,
      claim: (signal, waiting) => claim({ pool: writing, url, lock: schema.name, signal, waiting }),
      logsPerWrite: LOGS_PER_WRITE,
      complete: async (signal) => {
        const client = new Client({ ...connection(url), options });
        try {
          await makeLater({ client, ending, schema: schema.name, signal });
        } catch (cause) {
          signal.throwIfAborted();
          throw databaseError(url, cause);
        }
      },
      close,
    };
  } catch (cause) {
    await close();
    throw databaseError(url, cause);
  }
}

/**
 * Drops what other builds indexed of this network and nobody writes; gives the names. Whoever still serves one of them
 * fails: this build must have all that is on the L2 before.
 * @throws ERR_DATABASE, ERR_NOT_CAUGHT_UP
 */
export async function prunePostgres(url: string, network: string): Promise<string[]> {
  const schema = schemaName(network);
  const pool = createServerPool(url, { options: `-c search_path=${schema.name}`, max: 1 });
  const db: Database = drizzle({ client: pool });
  try {
    await assertCaughtUp(db, schema.name);
    const dropped: string[] = [];
    for (const name of await otherSchemas(db, schema)) {
      const { rows } = await db.execute<{ held: boolean }>(
        sql`SELECT pg_try_advisory_lock(hashtext(${name}), 0) AS held`,
      );
      if (!rows[0]?.held) continue;
      await dropSchema(db, name);
      dropped.push(name);
    }
    return dropped;
  } catch (cause) {
    throw isFlkError(cause) ? cause : databaseError(url, cause);
  } finally {
    await pool.end();
  }
}

async function assertCaughtUp(db: Database, name: string): Promise<void> {
  const { rows } = await db.execute(sql`SELECT 1 FROM pg_namespace WHERE nspname = ${name}`);
  const reasons = rows.length === 0 ? ["it has indexed nothing"] : (await readProgress(db)).reasons;
  if (reasons.length === 0) return;
  const code: IndexerErrorCode = "ERR_NOT_CAUGHT_UP";
  throw new FlkError(code, `this version of flk does not have all yet: ${reasons.join("; ")}`);
}

function createServerPool(url: string, config: PoolConfig): Pool {
  return createPool({ ...connection(url), statement_timeout: STATEMENT_TIMEOUT, ...config });
}

/** `ending`: where the server is told to end what is given up. */
function readOf(pool: Pool, ending: Pool): Reading {
  return readThrough(pool, READERS_EACH, (client) => {
    const { processID } = client as PoolClient & { processID: number };
    // in vain: the statement ends by its own time-out
    ending.query("SELECT pg_cancel_backend($1)", [processID]).catch(() => undefined);
  });
}

function connection(url: string): ClientConfig {
  return { connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT, keepAlive: true };
}

/** Names the host only: the rest of a database URL is secret. */
function databaseError(url: string, cause: unknown): FlkError {
  const host = URL.canParse(url) ? new URL(url).host : "the configured URL";
  const reason = cause instanceof Error ? (cause.cause ?? cause) : cause;
  const code = (reason as { code?: unknown } | null)?.code;
  const why = typeof code === "string" ? ` (${code})` : "";
  const name: IndexerErrorCode = "ERR_DATABASE";
  return new FlkError(name, `the database at ${host} does not work${why}`, { host }, { cause });
}

/**
 * A session lock keeps other writers waiting. Should its connection break, another may take it while transactions of
 * ours still run: each of them checks, and holds until its end, that our token is the one in the database.
 */
async function claim(args: {
  pool: Pool;
  url: string;
  lock: string;
  signal: AbortSignal;
  waiting: () => void;
}): Promise<Writer> {
  const { pool, url, lock, signal, waiting } = args;
  const client = new Client(connection(url));
  const lost = new AbortController();
  const lose = () => lost.abort();
  client.on("error", lose);
  client.on("end", lose);
  const cancel = () => void client.end().catch(lose);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    signal.throwIfAborted();
    await client.connect();
    // who waits for the writer's place waits as long as it takes, whatever the server allows others
    await client.query("SET statement_timeout = 0; SET lock_timeout = 0; SET idle_session_timeout = 0");
    const { rows } = await client.query("SELECT pg_try_advisory_lock(hashtext($1), 0) AS held", [lock]);
    if (rows[0]?.held !== true) {
      waiting();
      await client.query("SELECT pg_advisory_lock(hashtext($1), 0)", [lock]);
    }
    const token = randomUUID();
    await transact(pool, (tx) => tx.update(cursors).set({ writer: token }).where(eq(cursors.id, 0)));
    return { write: fenced(pool, token, lose), lost: lost.signal, release: () => client.end() };
  } catch (cause) {
    await client.end();
    signal.throwIfAborted();
    throw databaseError(url, cause);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

function fenced(pool: Pool, token: string, lose: () => void): Writer["write"] {
  return (fn) =>
    transact(pool, async (tx) => {
      if ((await beginWrite(tx)) !== token) {
        lose();
        const code: IndexerErrorCode = "ERR_STORE_LOST";
        throw new FlkError(code, "another process writes to the database now");
      }
      return fn(tx);
    });
}
