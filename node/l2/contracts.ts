import type { Hex } from "#protocol/types/hex.ts";

/** Addresses of one deployment that a node reads or writes. */
export interface L2Contracts {
  staking: Hex;
  vault: Hex;
  parameters: Hex;
  services: Hex;
  settlement: Hex;
  /** sells the buyback share of revenue */
  auction: Hex;
}

/** "finalized" is the L2's own word; `confirmations` counts blocks on an L2 without that tag. */
export type Finality = "finalized" | { confirmations: number };
