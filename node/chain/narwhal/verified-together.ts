import type { ConsensusVerifier, SignatureSet } from "#node/interface/crypto.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";

/** Answers as `inner`, and without it about what was checked together; that is remembered only while those who asked for it go through it. */
export class VerifiedTogether implements ConsensusVerifier {
  readonly #inner: ConsensusVerifier;
  #answers = new Map<string, boolean>();

  constructor(inner: ConsensusVerifier) {
    this.#inner = inner;
  }

  /** Whether a common check costs less than one by one. */
  get isWorthIt(): boolean {
    return this.#inner.verifyAll !== undefined;
  }

  /**
   * One check of all `sets`, and of each when that fails, before `act`, which asks about those it needs. Returns the wrong ones, whether `act`
   * asked about them or not.
   */
  during(sets: readonly SignatureSet[], act: () => void): SignatureSet[] {
    const areAllRight = sets.length > 1 && this.#inner.verifyAll?.(sets) === true;
    const wrong: SignatureSet[] = [];
    for (const set of sets) {
      const { keys, message, signature } = set;
      const isRight = areAllRight || this.#inner.verifyAggregate(keys, message, signature);
      this.#answers.set(idOf(keys, message, signature), isRight);
      if (!isRight) wrong.push(set);
    }
    try {
      act();
    } finally {
      this.#answers.clear();
    }
    return wrong;
  }

  verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    return this.#known([key], message, signature) ?? this.#inner.verify(key, message, signature);
  }

  verifyAggregate(keys: Uint8Array[], message: Uint8Array, signature: Uint8Array): boolean {
    return this.#known(keys, message, signature) ?? this.#inner.verifyAggregate(keys, message, signature);
  }

  aggregate(signatures: Uint8Array[]): Uint8Array {
    return this.#inner.aggregate(signatures);
  }

  #known(keys: Uint8Array[], message: Uint8Array, signature: Uint8Array): boolean | undefined {
    return this.#answers.size > 0 ? this.#answers.get(idOf(keys, message, signature)) : undefined;
  }
}

function idOf(keys: Uint8Array[], message: Uint8Array, signature: Uint8Array): string {
  return [...keys, message, signature].map(bytesKey).join("/");
}
