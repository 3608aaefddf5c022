import type { AckConflict } from "#protocol/types/ack.ts";

/** What a node keeps to show that somebody did not keep to the rules. */
export interface EvidenceSource {
  /** Lanes in which two different acknowledgements with one count were signed, oldest epoch first. Rule D14. */
  conflicts(): Promise<AckConflict[]>;
}
