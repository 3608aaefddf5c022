/** Codes of the L2 reader and poster. Append only. */
export const L2_ERRORS = [
  /** an RPC belongs to another chain; `data` has both ids */
  "ERR_L2_CHAIN_ID",
  /** RPC URLs answer the same question differently */
  "ERR_L2_DISAGREE",
  /** a finalized block has another hash than it had, or than the network agreed on */
  "ERR_L2_FORK",
  /** the start of the network on the L2 does not add up */
  "ERR_L2_GENESIS",
  /** a log of our contracts that cannot be read */
  "ERR_L2_LOG",
  /** the database holds the events of another deployment */
  "ERR_L2_NETWORK",
  /** no answer: waits and tries again, leaves the reader only through the poster */
  "ERR_L2_UNREACHABLE",
  /** the L2 refuses the settlement; `data.reason` has the contract's error */
  "ERR_L2_SETTLE",
  /** the L2 holds another settlement of this epoch */
  "ERR_L2_OTHER_SETTLEMENT",
  "ERR_ABORTED",
] as const;
export type L2ErrorCode = (typeof L2_ERRORS)[number];
