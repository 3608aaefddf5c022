import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { LaneStore, StoredLane } from "#client/session/lane-store.ts";
import { blake3 } from "#crypto";
import { toHex } from "#protocol/types/hex.ts";
import { cliError } from "../errors.ts";

/** What this home signed, one file per lane in `dir`: on disk before an acknowledgement leaves. */
export async function fileLaneStore(dir: string): Promise<LaneStore> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const pathOf = (lane: string): string =>
    join(dir, `${toHex(blake3(new TextEncoder().encode(lane))).slice(2)}.json`);
  return {
    async load(lane) {
      const path = pathOf(lane);
      try {
        return JSON.parse(await readFile(path, "utf8")) as StoredLane;
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw cliError("ERR_LANE_FILE", `${path} cannot be read`, { path }, cause);
      }
    },
    async save(lane, state) {
      const path = pathOf(lane);
      const file = await open(`${path}.new`, "w", 0o600);
      try {
        await file.writeFile(JSON.stringify(state));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.new`, path);
    },
  };
}
