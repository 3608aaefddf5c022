import type { ConsensusSigner, ConsensusVerifier } from "#node/interface/crypto.ts";
import { equalBytes } from "#protocol/types/codec.ts";

const LANES = 4;
const SIGNATURE_BYTES = 96;

/**
 * Signatures that bind key and message by arithmetic alone, and aggregate by XOR, so that a missing or foreign share
 * changes the sum. No hash and no curve: the simulator makes hundreds of thousands of them, and nobody there forges.
 */
function lanes(key: Uint8Array, message: Uint8Array, out: Uint32Array): void {
  for (let lane = 0; lane < LANES; lane++) {
    let h = (0x9e3779b9 * (lane + 1)) >>> 0;
    for (let i = 0; i < key.length; i += 4) h = mix(h, word(key, i));
    for (let i = 0; i < message.length; i += 4) h = mix(h, word(message, i));
    h ^= h >>> 16;
    h = Math.imul(h, 0x85ebca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae35);
    out[lane] = ((out[lane] ?? 0) ^ h ^ (h >>> 16)) >>> 0;
  }
}

function mix(h: number, value: number): number {
  const k = Math.imul(
    (Math.imul(value, 0xcc9e2d51) << 15) | (Math.imul(value, 0xcc9e2d51) >>> 17),
    0x1b873593,
  );
  const rotated = h ^ k;
  return (Math.imul((rotated << 13) | (rotated >>> 19), 5) + 0xe6546b64) | 0;
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}

function signatureOf(keys: readonly Uint8Array[], message: Uint8Array): Uint8Array {
  const sum = new Uint32Array(LANES);
  for (const key of keys) lanes(key, message, sum);
  const signature = new Uint8Array(SIGNATURE_BYTES);
  signature.set(new Uint8Array(sum.buffer));
  return signature;
}

export const simVerifier: ConsensusVerifier = {
  verify: (key, message, signature) => equalBytes(signatureOf([key], message), signature),
  verifyAggregate: (keys, message, signature) =>
    keys.length > 0 && equalBytes(signatureOf(keys, message), signature),
  aggregate: (signatures) => {
    const out = new Uint8Array(SIGNATURE_BYTES);
    for (const signature of signatures)
      for (let i = 0; i < SIGNATURE_BYTES; i++) out[i] = (out[i] ?? 0) ^ (signature[i] ?? 0);
    return out;
  },
};

export function simSigner(publicKey: Uint8Array): ConsensusSigner {
  return { publicKey, sign: (message) => signatureOf([publicKey], message) };
}

/** Real signatures, each checked once for all nodes of the process: what a check says depends on nothing else. */
export function rememberingVerifier(verifier: ConsensusVerifier): ConsensusVerifier {
  const known = new Map<string, boolean>();
  const remember = (parts: readonly Uint8Array[], check: () => boolean): boolean => {
    const id = Buffer.concat(parts).toString("latin1");
    const before = known.get(id);
    if (before !== undefined) return before;
    const valid = check();
    known.set(id, valid);
    return valid;
  };
  return {
    verify: (key, message, signature) =>
      remember([key, message, signature], () => verifier.verify(key, message, signature)),
    verifyAggregate: (keys, message, signature) =>
      remember([...keys, message, signature], () => verifier.verifyAggregate(keys, message, signature)),
    aggregate: (signatures) => verifier.aggregate(signatures),
  };
}
