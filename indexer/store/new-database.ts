import { constants, existsSync } from "node:fs";
import { chmod, cp, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where set-up keeps the files of a new database of this PGlite: to make them takes it seconds. */
export async function newDatabase(): Promise<string> {
  const described = new URL("../package.json", import.meta.resolve("@electric-sql/pglite"));
  const { version } = JSON.parse(await readFile(described, "utf8")) as { version: string };
  return fileURLToPath(new URL(`../../node_modules/.flk-database-${version}`, import.meta.url));
}

/** Puts `files` into `directory` unless it is there. Where there are none, or none to read, PGlite makes its own. */
export async function beginDatabase(directory: string, files: string): Promise<void> {
  if (existsSync(directory) || !existsSync(files)) return;
  // a process that ends meanwhile leaves no half of them
  const part = `${directory}.part`;
  await rm(part, { recursive: true, force: true });
  try {
    await cp(files, part, { recursive: true, mode: constants.COPYFILE_FICLONE });
    await makeWritable(part);
  } catch {
    // another user's, or no space, which PGlite is the one to tell of
    await rm(part, { recursive: true, force: true });
    return;
  }
  await rename(part, directory);
}

/** An installation may be one that nobody writes to. */
async function makeWritable(directory: string): Promise<void> {
  await chmod(directory, 0o700);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await makeWritable(path);
    else await chmod(path, 0o600);
  }
}
