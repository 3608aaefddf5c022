import bls from "@chainsafe/bls";
import type { PublicKey as BlsPublicKey } from "@chainsafe/bls/types";
import { FlkError } from "../errors/error.ts";
import { bytesKey } from "../types/bytes-key.ts";

/**
 * BLS12-381 with public keys in G1 (48 bytes compressed) and signatures in G2 (96 bytes), DST
 * BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_. Every key and signature is checked for infinity and subgroup when it
 * is parsed: the library does not by default.
 */
export interface BlsSigner {
  /** 48 bytes */
  publicKey: Uint8Array;
  /** 96 bytes */
  sign(message: Uint8Array): Uint8Array;
}

/** `secret`: 32 bytes big-endian, below the group order. @throws ERR_KEY */
export function blsSigner(secret: Uint8Array): BlsSigner {
  try {
    const key = bls.SecretKey.fromBytes(secret);
    return { publicKey: key.toPublicKey().toBytes(), sign: (message) => key.sign(message).toBytes() };
  } catch (cause) {
    throw new FlkError("ERR_KEY", "not a BLS secret key", {}, { cause });
  }
}

/** `entropy`: at least 32 random bytes. Returns the 32-byte secret. */
export function blsKeygen(entropy: Uint8Array): Uint8Array {
  return bls.SecretKey.fromKeygen(entropy).toBytes();
}

const parsed = new Map<string, BlsPublicKey>();
const MAX_PARSED_KEYS = 65_536;

/** Parses and checks once; later calls are a lookup. @throws ERR_KEY */
export function blsPublicKey(bytes: Uint8Array): BlsPublicKey {
  if (bytes.length !== 48)
    throw new FlkError("ERR_KEY", "a BLS public key has 48 bytes", { got: bytes.length });
  const id = bytesKey(bytes);
  const known = parsed.get(id);
  if (known) return known;
  try {
    const key = bls.PublicKey.fromBytes(bytes, undefined, true);
    if (parsed.size >= MAX_PARSED_KEYS) parsed.clear();
    parsed.set(id, key);
    return key;
  } catch (cause) {
    throw new FlkError("ERR_KEY", "not a BLS public key", {}, { cause });
  }
}

/** False for anything malformed. */
export function blsVerify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return blsVerifyAggregate([publicKey], message, signature);
}

/** One signature by all of `publicKeys` over one message. False for an empty list and for anything malformed. */
export function blsVerifyAggregate(
  publicKeys: Uint8Array[],
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKeys.length === 0 || signature.length !== 96) return false;
  try {
    const sig = bls.Signature.fromBytes(signature, undefined, true);
    return sig.verifyAggregate(publicKeys.map(blsPublicKey), message);
  } catch {
    return false;
  }
}

/**
 * Whether each signature is by all of its keys over its message: one check of their sum, in which the library weighs each by a random
 * number of 64 bits, so that errors do not cancel out. Of what one by one costs it takes 75 % for two sets, 63 % for three and less the
 * more there are; says not which is wrong. False for no sets.
 */
export function blsVerifyAll(
  sets: readonly { keys: Uint8Array[]; message: Uint8Array; signature: Uint8Array }[],
): boolean {
  if (sets.some(({ keys, signature }) => keys.length === 0 || signature.length !== 96)) return false;
  try {
    const parsed = sets.map(({ keys, message, signature }) => ({
      publicKey: bls.PublicKey.aggregate(keys.map(blsPublicKey)),
      message,
      signature: bls.Signature.fromBytes(signature, undefined, true),
    }));
    return parsed.length > 0 && bls.Signature.verifyMultipleSignatures(parsed);
  } catch {
    return false;
  }
}

/** `signatures`: each already verified by the caller. 96 bytes. @throws ERR_KEY on none or malformed */
export function blsAggregateSignatures(signatures: Uint8Array[]): Uint8Array {
  try {
    return bls.aggregateSignatures(signatures);
  } catch (cause) {
    throw new FlkError(
      "ERR_KEY",
      "cannot aggregate these signatures",
      { count: signatures.length },
      { cause },
    );
  }
}

/** BLS as consensus takes it. */
export const blsVerifier: {
  verify: typeof blsVerify;
  verifyAggregate: typeof blsVerifyAggregate;
  verifyAll: typeof blsVerifyAll;
  aggregate: typeof blsAggregateSignatures;
} = {
  verify: blsVerify,
  verifyAggregate: blsVerifyAggregate,
  verifyAll: blsVerifyAll,
  aggregate: blsAggregateSignatures,
};
