import { mkdir } from "node:fs/promises";
import { drizzle } from "drizzle-orm/node-postgres";
import type { Pool, PoolConfig } from "pg";
import { FlkError, isFlkError } from "#protocol/errors/error.ts";
import type { IndexerErrorCode } from "../errors.ts";
import { beginWrite } from "./cursor.ts";
import { dropSchema, otherSchemas, prepareSchema, type Store, schemaName } from "./database.ts";
import { LATER, makeMissing } from "./later-indexes.ts";
import { lockDirectory } from "./lock.ts";
import { beginDatabase, newDatabase } from "./new-database.ts";
import { openPglite, type Pglite } from "./pglite.ts";
import { createPool, transact } from "./pool.ts";
import { readThrough } from "./reading.ts";

/** A range of them: readers wait as well. */
const LOGS_PER_WRITE = 14_000;

/** One session, as long as the database is open. What is said here is not taken from the environment, which is of other databases. */
const SESSION: PoolConfig & { sslnegotiation: string; replication: string } = {
  max: 1,
  idleTimeoutMillis: 0,
  host: "embedded",
  user: "postgres",
  database: "postgres",
  ssl: false,
  sslnegotiation: "postgres",
  replication: "false",
};

/**
 * The embedded PostgreSQL in `dataDir` (`memory://` keeps nothing), for one process. What other builds or networks left
 * in it is dropped.
 * @throws ERR_STORE_LOCKED when another process uses the directory, ERR_DATABASE
 */
export async function openEmbedded(dataDir: string, network: string): Promise<Store> {
  const inMemory = dataDir.startsWith("memory://");
  if (!inMemory) await mkdir(dataDir, { recursive: true });
  const unlock = inMemory ? async () => {} : await lockDirectory(dataDir);
  try {
    if (!inMemory) await beginDatabase(`${dataDir}/pg`, await newDatabase());
    const pglite = await openPglite(inMemory ? dataDir : `${dataDir}/pg`);
    return await storeOf(pglite, network, unlock);
  } catch (cause) {
    await unlock();
    throw isFlkError(cause) ? cause : databaseError(`in ${dataDir} does not work`, cause);
  }
}

/** The statement that failed says no more to who runs the indexer than its state. */
function databaseError(what: string, cause: unknown): FlkError {
  const reason = cause instanceof Error ? (cause.cause ?? cause) : cause;
  const state = (reason as { code?: unknown } | null)?.code;
  const code: IndexerErrorCode = "ERR_DATABASE";
  const why = typeof state === "string" ? ` (${state})` : "";
  return new FlkError(code, `the embedded database ${what}${why}`, {}, { cause });
}

async function storeOf(pglite: Pglite, network: string, unlock: () => Promise<void>): Promise<Store> {
  const pool = createPool({ ...SESSION, stream: pglite.stream });
  const close = async () => {
    await pool.end();
    await pglite.close();
  };
  try {
    const db: Store["db"] = drizzle({ client: pool });
    const schema = schemaName(network);
    const fresh = await transact(pool, (tx) => prepareSchema(tx, schema, LATER));
    for (const old of await otherSchemas(db, { network: "flk_", name: schema.name }))
      await dropSchema(db, old);
    await pool.query(`SET search_path TO ${schema.name}`);
    const never = new AbortController().signal;
    return {
      db,
      read: () => readThrough(pool, 1),
      fresh,
      claim: async () => ({
        write: (fn) =>
          transact(pool, async (tx) => {
            await beginWrite(tx);
            return fn(tx);
          }),
        lost: never,
        release: async () => {},
      }),
      logsPerWrite: LOGS_PER_WRITE,
      complete: (signal) => complete(pool, schema.name, signal),
      close: async () => {
        try {
          await close();
        } finally {
          await unlock();
        }
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Nothing ends the statement that makes one: `signal` is looked at between two. @throws ERR_DATABASE */
async function complete(pool: Pool, schema: string, signal: AbortSignal): Promise<void> {
  try {
    await makeMissing((text, values) => pool.query(text, values), schema, signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw isFlkError(cause) ? cause : databaseError("makes no index", cause);
  }
}
