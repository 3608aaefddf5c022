import { FlkError } from "#protocol/errors/error.ts";

/** Codes of the L2 reader and poster. Append only. */
type L2ErrorCode =
  /** an RPC belongs to another chain; `data` has both ids */
  | "ERR_L2_CHAIN_ID"
  /** RPC URLs answer the same question differently */
  | "ERR_L2_DISAGREE"
  /** a finalized block has another hash than it had, or than the network agreed on */
  | "ERR_L2_FORK"
  /** the start of the network on the L2 does not add up */
  | "ERR_L2_GENESIS"
  /** a log of our contracts that cannot be read */
  | "ERR_L2_LOG"
  /** the database holds the events of another deployment */
  | "ERR_L2_NETWORK"
  /** no answer: the reader waits and tries again, the poster throws it */
  | "ERR_L2_UNREACHABLE"
  /** the L2 refuses the settlement; `data.reason` has the contract's error */
  | "ERR_L2_SETTLE"
  /** the L2 holds another settlement of this epoch */
  | "ERR_L2_OTHER_SETTLEMENT"
  /** the L2 froze or restarted the network: rolling back is for a person to do */
  | "ERR_L2_RESTART"
  | "ERR_ABORTED"
  | "ERR_INTERNAL";

type Data = ConstructorParameters<typeof FlkError>[2];

export function l2Error(
  code: L2ErrorCode,
  message: string,
  data?: Data,
  options?: ErrorOptions,
): FlkError<L2ErrorCode> {
  return new FlkError(code, message, data, options);
}
