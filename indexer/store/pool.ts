import { drizzle } from "drizzle-orm/node-postgres";
import { Pool, type PoolConfig } from "pg";
import { runsOn } from "./copy.ts";
import type { Database, Transaction } from "./database.ts";

export function createPool(config: PoolConfig): Pool {
  const pool = new Pool(config);
  // a connection that breaks fails the query that uses it, or is replaced; without listeners it would end the process
  pool.on("error", () => undefined);
  pool.on("connect", (client) => void client.on("error", () => undefined));
  return pool;
}

/** The pool's own way keeps a connection for ever when BEGIN fails on it. */
export async function transact<T>(pool: Pool, fn: (tx: Transaction) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    const db: Database = drizzle({ client });
    return await db.transaction((tx) => {
      runsOn(tx, client);
      return fn(tx);
    });
  } finally {
    client.release();
  }
}
