import { RECEIPT_CODES, type ReceiptCode } from "#protocol/errors/codes.ts";

/** Rejections that leave the sender's nonce or sequence number unused: the same bytes may be applied in a later block. */
const RETRYABLE: ReadonlySet<ReceiptCode> = new Set([
  "ERR_BAD_NONCE",
  "ERR_MIN_BALANCE",
  "ERR_QUOTA_EXCEEDED",
  "ERR_NODE_NOT_STAKED",
]);

/** Whether ordering the same bytes once more could change nothing. */
export function isFinal(receipt: { status: number }): boolean {
  const code = RECEIPT_CODES[receipt.status];
  return code === undefined || !RETRYABLE.has(code);
}
