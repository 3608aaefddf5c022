import { link, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Ed25519Signer, ed25519Signer, secureRandom } from "#crypto";
import { encryptEip2335, readEip2335 } from "./eip2335.ts";
import { keystoreError } from "./errors.ts";
import type { Kdf } from "./kdf.ts";
import { systemCode } from "./key-file.ts";
import { assertPassword, ED25519_DESCRIPTIONS } from "./keystore.ts";
import { syncFolder, writeKeyFiles } from "./write-key-files.ts";

/** An Ed25519 key that another one can replace. */
type Replaceable = keyof typeof ED25519_DESCRIPTIONS;

const nextName = (name: Replaceable): string => `${name}-next.json`;

/**
 * The key that is to take the place of the present one: made, or the one that was made before and did not get there. The present key
 * stays in use until `takeNextKey`, so that the one in use is always one that the network was told.
 * @throws ERR_KEYSTORE_PASSWORD, ERR_KEYSTORE_CORRUPT, ERR_KEYSTORE_IO
 */
export async function nextKey(
  name: Replaceable,
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
  const secret = secureRandom(32);
  const signer = ed25519Signer(secret);
  const key = { secret, publicKey: signer.publicKey, description: ED25519_DESCRIPTIONS[name] };
  await writeKeyFiles(dir, [{ name: next, text: await encryptEip2335(key, password, kdf) }]);
  return signer;
}

/** Puts the next key in the place of the present one, which is kept as NAME-old-N.json. @throws ERR_KEYSTORE_IO */
export async function takeNextKey(name: Replaceable, dir: string): Promise<void> {
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
export async function setNextKeyAside(name: Replaceable, dir: string): Promise<void> {
  const path = join(dir, nextName(name));
  try {
    await keep(name, dir, path);
    await rm(path);
    await syncFolder(dir);
  } catch (cause) {
    throw keystoreError("ERR_KEYSTORE_IO", `cannot set ${path} aside`, { path }, { cause });
  }
}

async function keep(name: Replaceable, dir: string, path: string): Promise<void> {
  for (let number = 1; ; number++) {
    try {
      return await link(path, join(dir, `${name}-old-${number}.json`));
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    }
  }
}
