import { FlkError } from "#protocol/errors/error.ts";

/** Codes of the driver of consensus. Append only. */
export const NARWHAL_ERRORS = [
  "ERR_BATCH_AUTHOR",
  "ERR_BATCH_FORM",
  "ERR_BATCH_DIGEST",
  "ERR_BATCH_ACK",
  "ERR_BATCH_UNKNOWN",
  "ERR_BATCH_QUOTA",
  "ERR_POOL_FULL",
  "ERR_TX_TOO_LARGE",
  /** the epoch has closed or the instance was stopped */
  "ERR_CONSENSUS_STOPPED",
  /** what was signed in this epoch is no longer recorded, so nothing more may be signed in it */
  "ERR_EPOCH_PRUNED",
  "ERR_SELF_NOT_MEMBER",
  "ERR_RECORD_MISSING",
  "ERR_TAG_TAKEN",
  "ERR_TAG_UNKNOWN",
  "ERR_TX_TOO_SMALL",
  /** certificates that were not asked for */
  "ERR_CERTIFICATE_ORDER",
] as const;
export type NarwhalErrorCode = (typeof NARWHAL_ERRORS)[number];

export function narwhalError(
  code: NarwhalErrorCode,
  message: string,
  data: Record<string, string | number | bigint | boolean | null> = {},
): FlkError<NarwhalErrorCode> {
  return new FlkError(code, message, data);
}
