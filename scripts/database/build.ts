import { existsSync } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { newDatabase } from "#indexer/store/new-database.ts";

/** What `npm start`, `npm test` and the others do once: the files that every new embedded database begins with. */
const files = await newDatabase();
const part = await mkdtemp(`${files}.`);
try {
  await (await PGlite.create(join(part, "pg"))).close();
  await rename(join(part, "pg"), files);
} catch (error) {
  // another may have been faster
  if (!existsSync(files)) throw error;
} finally {
  await rm(part, { recursive: true });
}
