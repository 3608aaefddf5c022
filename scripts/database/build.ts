import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";
import { newDatabase } from "#indexer/store/new-database.ts";

/** What `npm start`, `npm test` and the others do once: the files that every new embedded database begins with. */
const files = await newDatabase();
const part = `${files}.${process.pid}`;
await (await PGlite.create(part)).close();
try {
  await rename(part, files);
} catch (error) {
  await rm(part, { recursive: true });
  // another was faster
  if (!existsSync(files)) throw error;
}
