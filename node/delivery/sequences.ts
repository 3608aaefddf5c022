import type { ChainView } from "#node/interface/chain-view.ts";
import { SEQUENCE_WINDOW } from "#protocol/params/limits.ts";

/**
 * Sequence numbers for what this node hands in (TRN-SEQUENCE). A process starts half a window above what the chain has seen, so
 * that what an earlier one sent and is not ordered yet keeps its own.
 */
export class Sequences {
  readonly #chain: ChainView;
  readonly #self: number;
  #last: number | undefined;

  constructor(chain: ChainView, self: number) {
    this.#chain = chain;
    this.#self = self;
  }

  next(): number {
    const seen = this.#chain.node(this.#self)?.sequence ?? 0;
    this.#last = Math.max((this.#last ?? seen + SEQUENCE_WINDOW / 2) + 1, seen + 1);
    return this.#last;
  }
}
