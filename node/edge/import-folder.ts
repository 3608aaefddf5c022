import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { ContentStore, ImportedFile } from "./content-types.ts";
import { isErrno } from "./errno.ts";
import { edgeError } from "./errors.ts";

/** Puts every regular file under `folder` into the store; links are not followed. */
export async function importFolder(store: ContentStore, folder: string): Promise<ImportedFile[]> {
  await assertFolder(folder);
  const imported: ImportedFile[] = [];
  for (const path of await regularFiles(folder)) {
    const { hash, size } = await store.put(createReadStream(path));
    imported.push({ path: relative(folder, path).split(sep).join("/"), hash, size });
  }
  if (imported.length === 0) {
    throw edgeError("ERR_CONTENT_EMPTY", `content folder ${folder} holds no file`, { folder });
  }
  return imported;
}

async function assertFolder(folder: string): Promise<void> {
  try {
    if ((await stat(folder)).isDirectory()) return;
  } catch (cause) {
    if (!isErrno(cause, "ENOENT") && !isErrno(cause, "ENOTDIR")) throw cause;
    throw edgeError("ERR_CONTENT_MISSING", `content folder ${folder} does not exist`, { folder }, { cause });
  }
  throw edgeError("ERR_CONTENT_MISSING", `${folder} is not a folder`, { folder });
}

async function regularFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
