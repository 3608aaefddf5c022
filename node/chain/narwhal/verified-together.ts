import type { ConsensusVerifier, SignatureSet } from "#node/interface/crypto.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";

/**
 * Answers as `inner`, and without it about what was checked together. Only right signatures are remembered, and only while those who asked
 * for the common check go through them.
 */
export class VerifiedTogether implements ConsensusVerifier {
  readonly #inner: ConsensusVerifier;
  #valid = new Set<string>();

  constructor(inner: ConsensusVerifier) {
    this.#inner = inner;
  }

  /** Whether a common check costs less than one by one. */
  get isWorthIt(): boolean {
    return this.#inner.verifyAll !== undefined;
  }

  /** One check of all `sets` before `act`, which asks about each of them; when one is wrong, `act` finds out which. */
  during(sets: readonly SignatureSet[], act: () => void): void {
    if (sets.length > 1 && this.#inner.verifyAll?.(sets)) {
      for (const { keys, message, signature } of sets) this.#valid.add(idOf(keys, message, signature));
    }
    try {
      act();
    } finally {
      this.#valid.clear();
    }
  }

  verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    return this.#isKnown([key], message, signature) || this.#inner.verify(key, message, signature);
  }

  verifyAggregate(keys: Uint8Array[], message: Uint8Array, signature: Uint8Array): boolean {
    return this.#isKnown(keys, message, signature) || this.#inner.verifyAggregate(keys, message, signature);
  }

  aggregate(signatures: Uint8Array[]): Uint8Array {
    return this.#inner.aggregate(signatures);
  }

  #isKnown(keys: Uint8Array[], message: Uint8Array, signature: Uint8Array): boolean {
    return this.#valid.size > 0 && this.#valid.has(idOf(keys, message, signature));
  }
}

function idOf(keys: Uint8Array[], message: Uint8Array, signature: Uint8Array): string {
  return [...keys, message, signature].map(bytesKey).join("/");
}
