import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { createHash } from "blake3-wasm";
import { FlkError } from "../errors/error.ts";
import type { Ed25519Signer, Hasher } from "./node.ts";

export { recoverInJavaScript as recoverPublicKey } from "./secp256k1.ts";

/** Browser entry of `#crypto`. */

export function sha256(...parts: Uint8Array[]): Uint8Array {
  const hasher = nobleSha256.create();
  for (const part of parts) hasher.update(part);
  return hasher.digest();
}

export function blake3(bytes: Uint8Array): Uint8Array {
  const hasher = blake3Hasher();
  hasher.update(bytes);
  return hasher.digest();
}

export function blake3Hasher(): Hasher {
  const hasher = createHash();
  return {
    update: (bytes) => void hasher.update(bytes),
    digest: () => new Uint8Array(hasher.digest()),
  };
}

export function secureRandom(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

export function ed25519Signer(seed: Uint8Array): Ed25519Signer {
  if (seed.length !== 32) throw new FlkError("ERR_KEY", "an Ed25519 seed has 32 bytes");
  return { publicKey: ed25519.getPublicKey(seed), sign: (message) => ed25519.sign(message, seed) };
}

/** Strict (RFC 8032) like OpenSSL in nodes: `zip215` would accept small-order keys that nodes refuse. */
export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}
