import { link, lstat, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { secureRandom } from "#crypto";
import { isFlkError } from "#protocol/errors/error.ts";
import { toHex } from "#protocol/types/hex.ts";
import { keystoreError } from "./errors.ts";
import { systemCode } from "./key-file.ts";

export interface KeyFile {
  /** name in the keystore's folder */
  name: string;
  text: string;
}

/** Complete key files on their way to their names. */
const READY = ".new";
const ATTEMPTS = 10;

/**
 * Writes new files 0600 into `dir`, synced: all of them or, where something stands in the way, none. They are written aside and
 * become valid together, when their folder is renamed to `.new`; what a process that ends after that has left to do,
 * `finishKeyFiles` does. Never overwrites.
 * @throws ERR_KEYSTORE_EXISTS, ERR_KEYSTORE_IO
 */
export async function writeKeyFiles(dir: string, files: readonly KeyFile[]): Promise<void> {
  await finishKeyFiles(dir);
  await guard(dir, async () => {
    for (const { name } of files) if (await inode(join(dir, name))) throw exists(join(dir, name));
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const aside = asideOf(dir);
    try {
      await mkdir(aside, { mode: 0o700 });
      for (const { name, text } of files) await writeSynced(join(aside, name), text);
      await syncFolder(aside);
      await publish(aside, join(dir, READY));
    } catch (error) {
      // The first failure is the one to tell.
      await rm(aside, { recursive: true, force: true }).catch(() => undefined);
      throw error;
    }
  });
  const taken = await finishKeyFiles(dir);
  if (taken !== undefined) throw exists(taken);
  // Whoever finished them may have found a name taken, and not be this process.
  await guard(dir, async () => {
    for (const { name, text } of files) {
      if ((await ifThere(readFile(join(dir, name), "utf8"))) !== text) throw exists(join(dir, name));
    }
  });
}

/**
 * Gives complete key files their names. Returns a name that another file has: what was made meanwhile for nothing is gone then.
 * @throws ERR_KEYSTORE_IO
 */
export async function finishKeyFiles(dir: string): Promise<string | undefined> {
  const ready = join(dir, READY);
  let taken: string | undefined;
  await guard(dir, async () => {
    for (let attempt = 1; await inode(ready); attempt++) {
      try {
        taken = await linkAll(ready, dir);
        return;
      } catch (error) {
        // Another process finishes the same files: what is left to do has to be looked at anew.
        if (attempt === ATTEMPTS || !["ENOENT", "EEXIST"].includes(systemCode(error))) throw error;
      }
    }
  });
  return taken;
}

async function linkAll(ready: string, dir: string): Promise<string | undefined> {
  await syncFolder(dir);
  const names = await readdir(ready);
  const held = await Promise.all(names.map((name) => inode(join(dir, name))));
  const ours = await Promise.all(names.map((name) => inode(join(ready, name))));
  const taken = names.find((_, i) => held[i] !== undefined && held[i] !== ours[i]);
  const begun = names.some((_, i) => held[i] !== undefined && held[i] === ours[i]);
  // Keys that have a name may be in use already: such a mix is for its owner to judge.
  if (taken !== undefined && begun) return join(dir, taken);
  if (taken === undefined) {
    for (const [i, name] of names.entries())
      if (held[i] === undefined) await link(join(ready, name), join(dir, name));
    await syncFolder(dir);
  }
  const done = asideOf(dir);
  await rename(ready, done);
  await rm(done, { recursive: true, force: true });
  return taken === undefined ? undefined : join(dir, taken);
}

async function publish(aside: string, ready: string): Promise<void> {
  try {
    await rename(aside, ready);
  } catch (cause) {
    const busy = ["ENOTEMPTY", "EEXIST"].includes(systemCode(cause));
    throw busy ? exists(ready, cause) : cause;
  }
}

function asideOf(dir: string): string {
  return join(dir, `.${toHex(secureRandom(8)).slice(2)}`);
}

async function inode(path: string): Promise<bigint | undefined> {
  return (await ifThere(lstat(path, { bigint: true })))?.ino;
}

async function ifThere<T>(looked: Promise<T>): Promise<T | undefined> {
  try {
    return await looked;
  } catch (cause) {
    if (systemCode(cause) === "ENOENT") return undefined;
    throw cause;
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function exists(path: string, cause?: unknown): Error {
  return keystoreError(
    "ERR_KEYSTORE_EXISTS",
    `${path} exists; keys are never overwritten`,
    { path },
    { cause },
  );
}

async function guard(dir: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (cause) {
    if (isFlkError(cause)) throw cause;
    throw keystoreError("ERR_KEYSTORE_IO", `cannot write keys in ${dir}`, { path: dir }, { cause });
  }
}
