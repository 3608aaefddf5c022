import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { LaneStore } from "#client/session/lane-store.ts";
import { blake3 } from "#crypto";
import { syncFolder } from "#node/keys/write-key-files.ts";
import { toHex } from "#protocol/types/hex.ts";
import { cliError } from "../errors.ts";

/** What this home signed, one file per lane and per reservation in `dir`: on disk before it leaves. */
export async function fileLaneStore(dir: string): Promise<LaneStore> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const pathOf = (name: string): string =>
    join(dir, `${toHex(blake3(new TextEncoder().encode(name))).slice(2)}.json`);
  return {
    load: (lane) => loadJson(pathOf(lane)),
    save: (lane, state) => saveJson(pathOf(lane), state),
    loadReservation: (name) => loadJson(pathOf(`reserve/${name}`)),
    saveReservation: (name, state) => saveJson(pathOf(`reserve/${name}`), state),
  };
}

/** undefined when there is none. @throws ERR_LANE_FILE */
export async function loadJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as T;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw cliError("ERR_LANE_FILE", `${path} cannot be read`, { path }, cause);
  }
}

/** On disk when resolved, whole or not at all. */
export async function saveJson(path: string, state: unknown): Promise<void> {
  const file = await open(`${path}.new`, "w", 0o600);
  try {
    await file.writeFile(JSON.stringify(state));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  await syncFolder(dirname(path));
}
