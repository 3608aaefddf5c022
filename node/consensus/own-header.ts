import type { SignedHeader } from "#protocol/types/consensus.ts";
import { VoteAggregator } from "./certificates.ts";
import type { EpochRules } from "./header.ts";
import { TAG, type WireMessage } from "./wire.ts";

/** ms after the header left first; the last one repeats */
const RETRY_AFTER_MS = [100, 500, 1000, 2000, 5000, 10_000] as const;

/** NAR-RETRY: the own header that has no certificate yet: its votes, and when those who have not voted get it again. */
export class OwnHeader {
  readonly round: number;
  readonly votes: VoteAggregator;
  readonly message: WireMessage;
  /** of `elapsed` */
  retryAt: number;
  #rules: EpochRules;
  #self: number;
  #sentAt: number;
  #attempt = 0;

  /** `bytes`: what it is on the wire */
  constructor(
    rules: EpochRules,
    self: number,
    own: { signed: SignedHeader; digest: Uint8Array; bytes: Uint8Array },
    elapsed: number,
  ) {
    const { signed, digest, bytes } = own;
    this.#rules = rules;
    this.#self = self;
    this.round = signed.header.round;
    this.votes = new VoteAggregator(rules, signed, digest);
    this.message = { tag: TAG.header, bytes };
    this.#sentAt = elapsed;
    this.retryAt = elapsed + RETRY_AFTER_MS[0];
  }

  missing(): number[] {
    return this.#rules.committee.nodeIds.filter((nodeId) => nodeId !== this.#self && !this.votes.has(nodeId));
  }

  /** Sets the time of the retry after the one that is due now. */
  retried(elapsed: number): void {
    this.#attempt++;
    const next = RETRY_AFTER_MS[this.#attempt];
    this.retryAt = next === undefined ? elapsed + 10_000 : Math.max(elapsed + 1, this.#sentAt + next);
  }
}
