import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import type { IndexerOptions } from "#indexer/indexer.ts";
import type { Store } from "#indexer/store/database.ts";
import { openEmbedded } from "#indexer/store/embedded.ts";
import { openPostgres } from "#indexer/store/postgres.ts";
import { startPostgres, type TestPostgres } from "#scripts/bench/support/postgres.ts";

export type Storage = Pick<IndexerOptions, "dataDir" | "databaseUrl">;

/** Every test of the indexer runs on the embedded database, and with FLK_TEST_DATABASE=postgres on a real PostgreSQL. */
export const onPostgres = process.env.FLK_TEST_DATABASE === "postgres";

let server: Promise<TestPostgres> | undefined;
const directories: string[] = [];

after(async () => {
  await (await server)?.stop();
  for (const path of directories) await rm(path, { recursive: true, force: true });
});

/** An empty database; `kept`: one that a later indexer, or another process, can open again. */
export async function newStorage({ kept = false } = {}): Promise<Storage> {
  if (onPostgres) {
    server ??= startPostgres();
    return { dataDir: "memory://", databaseUrl: await (await server).createDatabase() };
  }
  if (!kept) return { dataDir: "memory://" };
  const dataDir = await mkdtemp(join(tmpdir(), "flk-indexer-"));
  directories.push(dataDir);
  return { dataDir };
}

/** An empty store, of a network by that name. */
export async function openStore(network: string): Promise<Store> {
  const { dataDir, databaseUrl } = await newStorage();
  return databaseUrl === undefined ? openEmbedded(dataDir, network) : openPostgres(databaseUrl, network);
}
