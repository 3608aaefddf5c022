import { constants, existsSync } from "node:fs";
import { cp, readFile, rename, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Where set-up keeps the files of a new database of this PGlite: to make them takes it seconds. */
export async function newDatabase(): Promise<string> {
  const described = new URL("../package.json", import.meta.resolve("@electric-sql/pglite"));
  const { version } = JSON.parse(await readFile(described, "utf8")) as { version: string };
  return fileURLToPath(new URL(`../../node_modules/.flk-database-${version}`, import.meta.url));
}

/** Puts them into `directory` unless it is there. Where set-up made none, PGlite makes its own. */
export async function beginDatabase(directory: string): Promise<void> {
  if (existsSync(directory)) return;
  const files = await newDatabase();
  if (!existsSync(files)) return;
  // a process that ends meanwhile leaves no half of them
  const part = `${directory}.part`;
  await rm(part, { recursive: true, force: true });
  await cp(files, part, { recursive: true, mode: constants.COPYFILE_FICLONE });
  await rename(part, directory);
}
