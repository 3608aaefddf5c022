import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { ROOT } from "#scripts/deploy/hardhat.ts";
import type { FileLines } from "./lcov.ts";

/** Written by the generator of the ABIs. */
export const GENERATED = "protocol/abi/**";

/** Files with code that no test loaded: Node leaves them out of its report, so they would count for nothing. */
export async function neverLoaded(parts: string[], loaded: FileLines[]): Promise<FileLines[]> {
  const known = new Set(loaded.map(({ file }) => file));
  const missing = parts
    .flatMap((part) => globSync(`${part}/**/*.ts`, { cwd: ROOT, exclude: [GENERATED] }))
    .filter((file) => !known.has(file));
  const files = await Promise.all(
    missing.map(async (file) => {
      const text = await readFile(join(ROOT, file), "utf8");
      return hasCode(text) ? [{ file, found: text.split("\n").length - 1, hit: 0 }] : [];
    }),
  );
  return files.flat();
}

/** False for a file of types alone. */
function hasCode(text: string): boolean {
  const code = stripTypeScriptTypes(text).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  return /\S/.test(code);
}
