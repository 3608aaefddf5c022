import {
  createPrivateKey,
  createPublicKey,
  hash,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from "node:crypto";
import { createRequire } from "node:module";
import { Blake3Hasher } from "@napi-rs/blake-hash";
import { FlkError } from "../errors/error.ts";
import { recoverInJavaScript } from "./secp256k1.ts";

/** Node entry of `#crypto`; `browser.ts` offers the same functions. */

const digest = new Uint8Array(32);
/** the same memory */
const digestText = Buffer.from(digest.buffer);
const joined = Buffer.alloc(1024);

/** Native hashes give text here: a Buffer that native code makes costs three times as much as the hash of what is small. */
function digestFrom(text: string, encoding: "binary" | "hex"): Uint8Array {
  digestText.write(text, 0, encoding);
  return digest.slice();
}

/** One call for all parts: an incremental hasher costs more than copying what is small. */
export function sha256(...parts: Uint8Array[]): Uint8Array {
  const whole = parts.length === 1 ? (parts[0] as Uint8Array) : join(parts);
  return digestFrom(hash("sha256", whole, "binary"), "binary");
}

/** What it gives holds until the next call. */
function join(parts: Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  if (length > joined.length) return Buffer.concat(parts, length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined.subarray(0, length);
}

const wholeHasher = new Blake3Hasher();

/** 32 bytes */
export function blake3(bytes: Uint8Array): Uint8Array {
  wholeHasher.reset();
  return digestFrom(wholeHasher.update(bytes).digest("hex"), "hex");
}

export interface Hasher {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
}

export function blake3Hasher(): Hasher {
  const hasher = new Blake3Hasher();
  return {
    update: (bytes) => void hasher.update(bytes),
    digest: () => new Uint8Array(hasher.digestBuffer()),
  };
}

export function secureRandom(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}

const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

const keyObjects = new Map<string, KeyObject>();
const MAX_CACHED_KEYS = 65_536;

function publicKeyObject(publicKey: Uint8Array): KeyObject {
  const id = Buffer.from(publicKey).toString("latin1");
  const cached = keyObjects.get(id);
  if (cached) return cached;
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: "der", type: "spki" });
  if (keyObjects.size >= MAX_CACHED_KEYS) keyObjects.clear();
  keyObjects.set(id, key);
  return key;
}

export interface Ed25519Signer {
  /** 32 bytes */
  publicKey: Uint8Array;
  /** 64 bytes */
  sign(message: Uint8Array): Uint8Array;
}

/** `seed`: the 32-byte Ed25519 private key. */
export function ed25519Signer(seed: Uint8Array): Ed25519Signer {
  if (seed.length !== 32) throw new FlkError("ERR_KEY", "an Ed25519 seed has 32 bytes");
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return {
    publicKey: new Uint8Array(spki.subarray(SPKI_PREFIX.length)),
    sign: (message) => new Uint8Array(sign(null, message, key)),
  };
}

export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  return verify(null, message, publicKeyObject(publicKey), signature);
}

interface NativeSecp256k1 {
  ecdsaRecover(signature: Uint8Array, recovery: number, digest: Uint8Array, compressed: false): Uint8Array;
}

/**
 * libsecp256k1, or why it cannot be loaded: it has no build for this machine, or one that does not work. Its bindings alone: the package's
 * own entry falls back, without a word, to a library that is not kept up.
 */
function loadSecp256k1(): { native?: NativeSecp256k1; failure?: unknown } {
  const require = createRequire(import.meta.url);
  try {
    return { native: require("secp256k1/bindings.js") };
  } catch (failure) {
    return { failure };
  }
}

const { native, failure } = loadSecp256k1();
/**
 * Why secp256k1 keys are recovered in JavaScript, with the same results in 20 times the time; undefined when native code does it. Whoever
 * runs a node wants to know.
 */
export const nativeSecp256k1Failure: unknown = failure;

/**
 * The secp256k1 key (65 bytes, uncompressed) that signed `digest` (32 bytes): `signature` is r ‖ s, 64 bytes, and `recovery` the parity of
 * the nonce's y. undefined when there is none. High s is taken: who must not take it looks first.
 */
export function recoverPublicKey(
  digest: Uint8Array,
  signature: Uint8Array,
  recovery: 0 | 1,
): Uint8Array | undefined {
  if (!native) return recoverInJavaScript(digest, signature, recovery);
  if (digest.length !== 32 || signature.length !== 64) return undefined;
  try {
    return native.ecdsaRecover(signature, recovery, digest, false);
  } catch {
    return undefined;
  }
}
