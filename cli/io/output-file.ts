import { constants, existsSync } from "node:fs";
import { access, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { cliError } from "../errors.ts";

function unwritable(path: string, cause: unknown): Error {
  const { code } = cause as NodeJS.ErrnoException;
  return cliError("ERR_OUTPUT_FILE", `${path} cannot be written (${code ?? String(cause)})`, { path }, cause);
}

/** Before anything is paid for that is to be written there. Touches nothing. @throws ERR_OUTPUT_FILE */
export async function assertWritable(path: string): Promise<void> {
  if (existsSync(path) && (await stat(path)).isDirectory())
    throw cliError("ERR_OUTPUT_FILE", `${path} is a folder`, { path });
  try {
    await access(existsSync(path) ? path : dirname(resolve(path)), constants.W_OK);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** @throws ERR_OUTPUT_FILE */
export async function writeOutput(path: string, data: string | Uint8Array): Promise<void> {
  try {
    await writeFile(path, data);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}
