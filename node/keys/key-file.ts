import { readFile } from "node:fs/promises";
import type { FlkError } from "#protocol/errors/error.ts";
import { keystoreError } from "./errors.ts";

export function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** Parsed JSON of a key file. @throws ERR_KEYSTORE_MISSING, ERR_KEYSTORE_CORRUPT, ERR_KEYSTORE_IO */
export async function readKeyFile(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (systemCode(cause) === "ENOENT") {
      throw keystoreError("ERR_KEYSTORE_MISSING", `no key file ${path}`, { path }, { cause });
    }
    throw keystoreError("ERR_KEYSTORE_IO", `cannot read ${path}`, { path }, { cause });
  }
  try {
    return JSON.parse(text);
  } catch {
    // the parser's message quotes the file, so it is not passed on
    throw corrupt(path, "is not JSON");
  }
}

export function corrupt(path: string, reason: string): FlkError {
  return keystoreError("ERR_KEYSTORE_CORRUPT", `${path} ${reason}`, { path });
}

export function wrongPassword(path: string): FlkError {
  return keystoreError("ERR_KEYSTORE_PASSWORD", `wrong password for ${path}`, { path });
}
