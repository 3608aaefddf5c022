import { link, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Ed25519Signer, ed25519Signer } from "#crypto";
import { readEip2335 } from "./eip2335.ts";
import { keystoreError } from "./errors.ts";
import type { Kdf } from "./kdf.ts";
import { systemCode } from "./key-file.ts";
import { assertPassword, type Ed25519Kind, newEd25519 } from "./keystore.ts";
import { syncFolder, writeKeyFiles } from "./write-key-files.ts";

const nextName = (name: Ed25519Kind): string => `${name}-next.json`;

/**
 * The key that is to take the place of the present one: made, or the one that was made before and did not get there. The present key
 * stays in use until `takeNextKey`, so that the one in use is always one that the network was told.
 * @throws ERR_KEYSTORE_PASSWORD, ERR_KEYSTORE_CORRUPT, ERR_KEYSTORE_IO
 */
export async function nextKey(
  name: Ed25519Kind,
  options: { dir: string; password: string; kdf: Kdf },
): Promise<Ed25519Signer> {
  const { dir, password, kdf } = options;
  assertPassword(password, dir);
  const next = nextName(name);
  const names: string[] = await readdir(dir).catch(() => []);
  if (names.includes(next)) {
    return ed25519Signer(
      await readEip2335(join(dir, next), password, (seed) => ed25519Signer(seed).publicKey),
    );
  }
  const { signer, text } = await newEd25519(name, password, kdf);
  await writeKeyFiles(dir, [{ name: next, text }]);
  return signer;
}

/** Puts the next key in the place of the present one, which is kept as NAME-old-N.json. @throws ERR_KEYSTORE_IO */
export async function takeNextKey(name: Ed25519Kind, dir: string): Promise<void> {
  const path = join(dir, `${name}.json`);
  try {
    await keep(name, dir, path);
    // NAME.json is one of the two keys at every moment
    await rename(join(dir, nextName(name)), path);
    await syncFolder(dir);
  } catch (cause) {
    throw keystoreError("ERR_KEYSTORE_IO", `cannot replace ${path}`, { path }, { cause });
  }
}

/**
 * Keeps the next key as NAME-old-N.json, so that `nextKey` makes another; the present one stays where it is.
 * @throws ERR_KEYSTORE_IO
 */
export async function setNextKeyAside(name: Ed25519Kind, dir: string): Promise<void> {
  const path = join(dir, nextName(name));
  try {
    await keep(name, dir, path);
    await rm(path);
    await syncFolder(dir);
  } catch (cause) {
    throw keystoreError("ERR_KEYSTORE_IO", `cannot set ${path} aside`, { path }, { cause });
  }
}

async function keep(name: Ed25519Kind, dir: string, path: string): Promise<void> {
  for (let number = 1; ; number++) {
    try {
      return await link(path, join(dir, `${name}-old-${number}.json`));
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    }
  }
}
