import { link, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { type Ed25519Signer, ed25519Signer, secureRandom } from "#crypto";
import { encryptEip2335, readEip2335 } from "./eip2335.ts";
import { keystoreError } from "./errors.ts";
import type { Kdf } from "./kdf.ts";
import { systemCode } from "./key-file.ts";
import { assertPassword, keystorePaths, NETWORK_DESCRIPTION } from "./keystore.ts";
import { syncFolder, writeKeyFiles } from "./write-key-files.ts";

const NEXT = "network-next.json";

/**
 * The network key that is to take the place of the present one: made, or the one that was made before and did not get there. A node
 * goes on with the present key until `takeNextNetworkKey`, so that it never runs with a key that the L2 does not know.
 * @throws ERR_KEYSTORE_PASSWORD, ERR_KEYSTORE_CORRUPT, ERR_KEYSTORE_IO
 */
export async function nextNetworkKey(options: {
  dir: string;
  password: string;
  kdf: Kdf;
}): Promise<Ed25519Signer> {
  const { dir, password, kdf } = options;
  assertPassword(password, dir);
  const names: string[] = await readdir(dir).catch(() => []);
  if (names.includes(NEXT)) {
    return ed25519Signer(
      await readEip2335(join(dir, NEXT), password, (seed) => ed25519Signer(seed).publicKey),
    );
  }
  const secret = secureRandom(32);
  const signer = ed25519Signer(secret);
  const key = { secret, publicKey: signer.publicKey, description: NETWORK_DESCRIPTION };
  await writeKeyFiles(dir, [{ name: NEXT, text: await encryptEip2335(key, password, kdf) }]);
  return signer;
}

/** Puts the next network key in the place of the present one, which is kept as network-old-N.json. @throws ERR_KEYSTORE_IO */
export async function takeNextNetworkKey(dir: string): Promise<void> {
  const { network } = keystorePaths(dir);
  try {
    await keep(network, dir);
    // network.json is one of the two keys at every moment
    await rename(join(dir, NEXT), network);
    await syncFolder(dir);
  } catch (cause) {
    throw keystoreError("ERR_KEYSTORE_IO", `cannot replace ${network}`, { path: network }, { cause });
  }
}

async function keep(path: string, dir: string): Promise<void> {
  for (let number = 1; ; number++) {
    try {
      return await link(path, join(dir, `network-old-${number}.json`));
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    }
  }
}
