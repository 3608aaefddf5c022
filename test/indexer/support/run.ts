import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { startPostgres } from "#scripts/bench/support/postgres.ts";
import { onPostgres, SHARED_EMBEDDED, SHARED_POSTGRES } from "./storage.ts";

const ends: (() => Promise<void>)[] = [];

/** Once for all test files of a run: what each would otherwise make for itself, a PostgreSQL or the files of a new embedded database. */
export async function globalSetup(): Promise<void> {
  if (onPostgres) {
    const server = await startPostgres();
    process.env[SHARED_POSTGRES] = server.url;
    ends.push(server.stop);
  }
  const directory = await mkdtemp(join(tmpdir(), "flk-indexer-new-"));
  ends.push(() => rm(directory, { recursive: true }));
  await (await PGlite.create(join(directory, "pg"))).close();
  process.env[SHARED_EMBEDDED] = directory;
}

export async function globalTeardown(): Promise<void> {
  for (const end of ends) await end();
}
