import type { AckConflict } from "#protocol/types/ack.ts";

/** Which evidence, and how much of it at once. */
export interface ConflictQuery {
  account?: Uint8Array | undefined;
  /** epoch; 0 when absent */
  from?: number | undefined;
  /** of epoch `from`, lanes with a higher id only */
  after?: Uint8Array | undefined;
  limit?: number | undefined;
}

/** What a node keeps to show that somebody did not keep to the rules. */
export interface EvidenceSource {
  /** Lanes in which two different acknowledgements with one count were signed, ascending by epoch and lane id. Rule D14. */
  conflicts(query?: ConflictQuery): Promise<AckConflict[]>;
}
