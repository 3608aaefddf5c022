import { mkdir } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";
import { drizzle } from "drizzle-orm/pglite";
import { beginWrite } from "./cursor.ts";
import { dropSchema, otherSchemas, prepareSchema, type Store, schemaName } from "./database.ts";
import { lockDirectory } from "./lock.ts";
import { createShare } from "./reading.ts";

/** A range of them: readers wait as well. */
const LOGS_PER_WRITE = 14_000;

/**
 * The embedded PostgreSQL in `dataDir` (`memory://` keeps nothing), for one process. What other builds or networks left
 * in it is dropped.
 * @throws ERR_STORE_LOCKED when another process uses the directory
 */
export async function openEmbedded(dataDir: string, network: string): Promise<Store> {
  const inMemory = dataDir.startsWith("memory://");
  if (!inMemory) await mkdir(dataDir, { recursive: true });
  const unlock = inMemory ? async () => {} : await lockDirectory(dataDir);
  try {
    const client = await PGlite.create(inMemory ? dataDir : `${dataDir}/pg`);
    const db: Store["db"] = drizzle({ client });
    const schema = schemaName(network);
    const fresh = await db.transaction((tx) => prepareSchema(tx, schema, new Set()));
    for (const old of await otherSchemas(db, { network: "flk_", name: schema.name }))
      await dropSchema(db, old);
    await client.exec(`SET search_path TO ${schema.name}`);
    const never = new AbortController().signal;
    return {
      db,
      read: () => {
        const share = createShare(1);
        const query: PGlite["query"] = (...args) => share.run(() => client.query(...args));
        return { db: drizzle({ client: { query } as PGlite }), giveUp: share.giveUp };
      },
      fresh,
      claim: async () => ({
        write: (fn) =>
          db.transaction(async (tx) => {
            await beginWrite(tx);
            return fn(tx);
          }),
        lost: never,
        release: async () => {},
      }),
      logsPerWrite: LOGS_PER_WRITE,
      complete: async () => {},
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
