import { open, readFile, realpath, rm } from "node:fs/promises";
import { FlkError } from "#protocol/errors/error.ts";

/** Held by this process: in containers, a new process often has the id of the one that died. */
const held = new Set<string>();

/**
 * Keeps a second user out of `directory`: two writers would destroy the database. A lock of a process that no longer
 * runs is taken over. Resolves with the function that gives it back.
 * @throws ERR_STORE_LOCKED
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = `${await realpath(directory)}/lock`;
  for (;;) {
    try {
      const file = await open(path, "wx", 0o600);
      await file.writeFile(String(process.pid));
      await file.close();
      held.add(path);
      return async () => {
        held.delete(path);
        await rm(path, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const holder = Number.parseInt(await readFile(path, "utf8"), 10);
      if (holder === process.pid ? held.has(path) : isRunning(holder)) {
        throw new FlkError("ERR_STORE_LOCKED", `${directory} is in use by process ${holder}`, {
          directory,
          pid: holder,
        });
      }
      await rm(path, { force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
