import { cpSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import type { IndexerOptions } from "#indexer/indexer.ts";
import type { Store } from "#indexer/store/database.ts";
import { openEmbedded } from "#indexer/store/embedded.ts";
import { openPostgres } from "#indexer/store/postgres.ts";
import { createDatabase, query, startPostgres, type TestPostgres } from "#scripts/bench/support/postgres.ts";

export type Storage = Pick<IndexerOptions, "dataDir" | "databaseUrl">;

/** Every test of the indexer runs on the embedded database, and with FLK_TEST_DATABASE=postgres on a real PostgreSQL. */
export const onPostgres = process.env.FLK_TEST_DATABASE === "postgres";

/** Set by run.ts: URL of a server, and folder whose files a new embedded database begins with. */
export const SHARED_POSTGRES = "FLK_TEST_SHARED_POSTGRES";
export const SHARED_EMBEDDED = "FLK_TEST_SHARED_EMBEDDED";

let server: Promise<TestPostgres> | undefined;
const directories: string[] = [];
const databases: string[] = [];

after(async () => {
  await (await server)?.stop();
  for (const path of directories) await rm(path, { recursive: true, force: true });
  const shared = process.env[SHARED_POSTGRES];
  if (shared === undefined) return;
  for (const name of databases) await query(shared, `DROP DATABASE ${name} WITH (FORCE)`);
});

/** An empty database; `kept`: one that a later indexer, or another process, can open again. */
export async function newStorage({ kept = false } = {}): Promise<Storage> {
  return onPostgres ? newPostgres() : newEmbedded({ kept });
}

export async function newPostgres(): Promise<Storage> {
  return { dataDir: "memory://", databaseUrl: await newDatabase() };
}

export async function newEmbedded({ kept = false } = {}): Promise<Storage> {
  const shared = process.env[SHARED_EMBEDDED];
  if (!kept && shared === undefined) return { dataDir: "memory://" };
  const dataDir = await mkdtemp(join(tmpdir(), "flk-indexer-"));
  directories.push(dataDir);
  if (shared !== undefined) cpSync(shared, dataDir, { recursive: true });
  return { dataDir };
}

/** An empty store, of a network by that name. */
export async function openStore(network: string): Promise<Store> {
  const { dataDir, databaseUrl } = await newStorage();
  return databaseUrl === undefined ? openEmbedded(dataDir, network) : openPostgres(databaseUrl, network);
}

async function newDatabase(): Promise<string> {
  const shared = process.env[SHARED_POSTGRES];
  if (shared === undefined) {
    server ??= startPostgres();
    return (await server).createDatabase();
  }
  const name = `test_${process.pid}_${databases.length}`;
  databases.push(name);
  return createDatabase(shared, name);
}
