import { resolve } from "node:path";
import { createContentStore } from "#node/edge/content-store.ts";
import type { ImportedFile } from "#node/edge/content-types.ts";
import { toHex } from "#protocol/types/hex.ts";
import type { CommonOptions } from "../cmds/options.ts";
import { type Home, resolveHome } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import { type Config, DEFAULT_CONTENT_DIR } from "../config/schema.ts";
import { createOutput } from "../io/output.ts";

/** Where this home's node keeps what it serves; the default place without a configuration. */
export function contentDir(home: Home, config?: Config): string {
  return resolve(home.root, config?.content.dir ?? DEFAULT_CONTENT_DIR);
}

/** Puts every file of `folders` into the store at `dir`. @throws ERR_CONTENT_MISSING, ERR_CONTENT_EMPTY */
export async function importContent(dir: string, folders: string[]): Promise<ImportedFile[]> {
  const store = await createContentStore({ dir });
  const files: ImportedFile[] = [];
  for (const folder of folders) files.push(...(await store.importFolder(folder)));
  return files;
}

export async function addContent(folders: string[], options: CommonOptions): Promise<void> {
  const home = resolveHome(options.home);
  const config = await loadConfig(home);
  const files = await importContent(contentDir(home, config), folders);
  const shown = files.map(({ hash, size, path }) => ({ hash: toHex(hash), size, path }));
  createOutput(options).data(
    { files: shown },
    shown.map(({ hash, size, path }) => `${hash} ${String(size).padStart(10)} ${path}`),
  );
}
