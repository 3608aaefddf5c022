import { FlkError } from "#protocol/errors/error.ts";

/**
 * Failures of the transition itself: a block that does not follow, or a programming error. After one the state object is
 * lost and must be loaded again. What a sender did wrong is a coded receipt instead (protocol/errors/codes.ts).
 */
export const TRANSITION_ERRORS = [
  "ERR_GENESIS_PARAMETER",
  "ERR_GENESIS_COMMITTEE",
  "ERR_BLOCK_EPOCH",
  "ERR_BLOCK_INDEX",
  "ERR_BLOCK_OPENING",
  "ERR_BLOCK_VIEW",
  "ERR_L2_EVENT",
  "ERR_PARAMETER_MISSING",
  "ERR_STATE_CONSERVATION",
  "ERR_STATE_INCONSISTENT",
  "ERR_STATE_NETWORK",
  "ERR_STATE_RECORDS",
  "ERR_STATE_UNDERFLOW",
] as const;
export type TransitionErrorCode = (typeof TRANSITION_ERRORS)[number];

export function transitionError(
  code: TransitionErrorCode,
  message: string,
  data: Record<string, string | number | bigint | boolean | null> = {},
): FlkError<TransitionErrorCode> {
  return new FlkError(code, message, data);
}
