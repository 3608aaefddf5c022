import type { ConsensusSigner, ConsensusVerifier } from "#node/interface/crypto.ts";
import { Slab } from "#test/node/support/slab.ts";

const LANES = 4;
const SIGNATURE_BYTES = 96;
const slab = new Slab();

/**
 * Signatures that bind key and message by arithmetic alone, and aggregate by XOR, so that a missing or foreign share
 * changes the sum. No hash and no curve: the simulator makes hundreds of thousands of them, and nobody there forges.
 */
function addTo(sum: Int32Array, key: Uint8Array, words: readonly number[]): void {
  const begun = lanesOf(key);
  for (let lane = 0; lane < LANES; lane++) {
    let h = begun[lane] as number;
    for (const word of words) h = mix(h, word);
    h ^= h >>> 16;
    h = Math.imul(h, 0x85ebca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae35);
    sum[lane] = (sum[lane] as number) ^ h ^ (h >>> 16);
  }
}

/** What the lanes hold after a key: the same for all its messages. */
const begunLanes = new WeakMap<Uint8Array, Int32Array>();

function lanesOf(key: Uint8Array): Int32Array {
  const known = begunLanes.get(key);
  if (known) return known;
  const words = scrambled(key);
  const lanes = Int32Array.from({ length: LANES }, (_, lane) => {
    let h = (0x9e3779b9 * (lane + 1)) >>> 0;
    for (const word of words) h = mix(h, word);
    return h;
  });
  begunLanes.set(key, lanes);
  return lanes;
}

/** The part of the mixing that depends on the bytes alone. */
function scrambled(bytes: Uint8Array): number[] {
  const words: number[] = [];
  for (let at = 0; at < bytes.length; at += 4) {
    const product = Math.imul(word(bytes, at), 0xcc9e2d51);
    words.push(Math.imul((product << 15) | (product >>> 17), 0x1b873593));
  }
  return words;
}

function mix(h: number, word: number): number {
  const rotated = h ^ word;
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

/** What the keys' signatures of the message add up to; it holds until the next call. */
function sumOf(keys: readonly Uint8Array[], message: Uint8Array): Int32Array {
  total.fill(0);
  const words = scrambled(message);
  for (const key of keys) addTo(total, key, words);
  return total;
}

const total = new Int32Array(LANES);

function signatureOf(key: Uint8Array, message: Uint8Array): Uint8Array {
  const signature = slab.take(SIGNATURE_BYTES);
  const sum = sumOf([key], message);
  for (let at = 0; at < 4 * LANES; at++) signature[at] = (sum[at >> 2] as number) >>> (8 * (at & 3));
  return signature;
}

function isSignature(keys: readonly Uint8Array[], message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  const sum = sumOf(keys, message);
  for (let at = 0; at < SIGNATURE_BYTES; at += 4) {
    if (word(signature, at) !== (sum[at / 4] ?? 0)) return false;
  }
  return true;
}

export const simVerifier: ConsensusVerifier = {
  verify: (key, message, signature) => isSignature([key], message, signature),
  verifyAggregate: (keys, message, signature) => keys.length > 0 && isSignature(keys, message, signature),
  aggregate: (signatures) => {
    const out = slab.take(SIGNATURE_BYTES);
    for (const signature of signatures)
      for (let i = 0; i < SIGNATURE_BYTES; i++) out[i] = (out[i] as number) ^ (signature[i] ?? 0);
    return out;
  },
};

/** Headers and certificates that come together are checked together, as production does it. */
export const simVerifierTogether: ConsensusVerifier = {
  ...simVerifier,
  verifyAll: (sets) =>
    sets.every(({ keys, message, signature }) => simVerifier.verifyAggregate(keys, message, signature)),
};

export function simSigner(publicKey: Uint8Array): ConsensusSigner {
  return { publicKey, sign: (message) => signatureOf(publicKey, message) };
}

/** Of the signatures that keys of the process make, one in so many is checked, and every aggregate. */
const CHECKED = 8;

/** Real signatures, each checked once for all nodes of the process: what a check says depends on nothing else. */
export class RememberedSignatures {
  readonly verifier: ConsensusVerifier;
  #known = new Map<string, boolean>();
  #made = 0;

  constructor(verifier: ConsensusVerifier) {
    const remember = (parts: readonly Uint8Array[], check: () => boolean): boolean => {
      const id = idOf(parts);
      const known = this.#known.get(id);
      if (known !== undefined) return known;
      const valid = check();
      this.#known.set(id, valid);
      return valid;
    };
    this.verifier = {
      verify: (key, message, signature) =>
        remember([key, message, signature], () => verifier.verify(key, message, signature)),
      verifyAggregate: (keys, message, signature) =>
        remember([...keys, message, signature], () => verifier.verifyAggregate(keys, message, signature)),
      // of the same answers: real keys go the way of messages whose signatures are checked together
      verifyAll: (sets) =>
        sets.every(({ keys, message, signature }) => this.verifier.verifyAggregate(keys, message, signature)),
      aggregate: (signatures) => verifier.aggregate(signatures),
    };
  }

  /** A check takes three times as long as the signature, and most are right because a key of this process made them. */
  signer({ publicKey, sign }: ConsensusSigner): ConsensusSigner {
    return {
      publicKey,
      sign: (message) => {
        const signature = sign(message);
        if (this.#made++ % CHECKED !== 0) this.#known.set(idOf([publicKey, message, signature]), true);
        return signature;
      },
    };
  }
}

function idOf(parts: readonly Uint8Array[]): string {
  return Buffer.concat(parts).toString("latin1");
}
