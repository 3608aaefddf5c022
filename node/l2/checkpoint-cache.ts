import type { L2Checkpoint } from "#protocol/types/consensus.ts";

const MAX_KEPT = 8192;

/** Hashes of finalized blocks at multiples of the stride that was last asked for. */
export class CheckpointCache {
  #hashes = new Map<number, Uint8Array>();
  #after = 0;
  #stride = 0;

  add(checkpoint: L2Checkpoint): void {
    if (this.#hashes.size >= MAX_KEPT) {
      for (const number of this.#hashes.keys()) if (number <= this.#after) this.#hashes.delete(number);
    }
    this.#hashes.set(checkpoint.number, checkpoint.hash);
  }

  get(number: number): Uint8Array | undefined {
    return this.#hashes.get(number);
  }

  /** In (after, upTo], ascending; ends before the first that is not known yet, so that none is skipped. */
  list(after: number, stride: number, limit: number, upTo: number): L2Checkpoint[] {
    this.#after = after;
    this.#stride = stride;
    const out: L2Checkpoint[] = [];
    for (let number = next(after, stride); number <= upTo && out.length < limit; number += stride) {
      const hash = this.#hashes.get(number);
      if (!hash) break;
      out.push({ number, hash });
    }
    return out;
  }

  /** What the next `list` will miss, at most `limit`. */
  missing(upTo: number, limit: number): number[] {
    const out: number[] = [];
    if (this.#stride < 1) return out;
    for (let number = next(this.#after, this.#stride); number <= upTo; number += this.#stride) {
      if (out.length >= limit) break;
      if (!this.#hashes.has(number)) out.push(number);
    }
    return out;
  }
}

function next(after: number, stride: number): number {
  return (Math.floor(after / stride) + 1) * stride;
}
