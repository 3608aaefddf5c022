import { readFile, stat } from "node:fs/promises";
import { sha256 } from "#crypto";

const BOOT_ID = "/proc/sys/kernel/random/boot_id";

/**
 * 32 bytes that name `folder` on this machine since it booted, so that a copy of it, and one that was restored, has another name.
 * Undefined where the system does not tell its boots apart.
 */
export async function placeOf(folder: string): Promise<Uint8Array | undefined> {
  const boot = await readFile(BOOT_ID, "utf8").catch(() => undefined);
  if (boot === undefined) return undefined;
  const { dev, ino } = await stat(folder, { bigint: true });
  return sha256(new TextEncoder().encode(`${boot.trim()}/${dev}/${ino}`));
}
