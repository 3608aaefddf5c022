import { FlkError } from "#protocol/errors/error.ts";

/** Codes of consensus. Append only. */
export const CONSENSUS_ERRORS = [
  "ERR_EPOCH_FOREIGN",
  "ERR_MESSAGE_UNKNOWN",
  /** the sender is not who the message says it is from */
  "ERR_MESSAGE_SENDER",
  "ERR_HEADER_AUTHOR",
  "ERR_HEADER_ROUND",
  "ERR_HEADER_PAYLOAD",
  "ERR_HEADER_PARENTS",
  "ERR_HEADER_CHECKPOINTS",
  "ERR_HEADER_ATTESTATIONS",
  "ERR_HEADER_BEACON",
  "ERR_HEADER_SIGNATURE",
  "ERR_HEADER_TOO_OLD",
  /** created before one of its parents */
  "ERR_HEADER_CREATED_EARLY",
  /** created further in the future than clocks may drift */
  "ERR_HEADER_CREATED_LATE",
  /** another header of the author has our vote for this round */
  "ERR_VOTE_EQUIVOCATION",
  /** the author got our vote for a later round */
  "ERR_VOTE_LOWER_ROUND",
  "ERR_VOTE_VOTER",
  "ERR_VOTE_SIGNATURE",
  "ERR_VOTE_DUPLICATE",
  "ERR_VOTE_UNEXPECTED",
  "ERR_CERTIFICATE_SIGNERS",
  "ERR_CERTIFICATE_POWER",
  "ERR_CERTIFICATE_SIGNATURE",
  "ERR_CERTIFICATE_TOO_OLD",
  "ERR_CERTIFICATE_TOO_NEW",
  /** two certificates of one author for one round: more than f members are faulty */
  "ERR_CERTIFICATE_EQUIVOCATION",
  "ERR_PARENT_MISSING",
  "ERR_SUSPENDED_FULL",
  "ERR_TIMING",
] as const;
export type ConsensusErrorCode = (typeof CONSENSUS_ERRORS)[number];

export function consensusError(
  code: ConsensusErrorCode,
  message: string,
  data: Record<string, string | number | bigint | boolean | null> = {},
): FlkError<ConsensusErrorCode> {
  return new FlkError(code, message, data);
}
