import { ACK_CODES, type AckCode, RECEIPT_CODES, type ReceiptCode } from "#protocol/errors/codes.ts";
import { TX } from "#protocol/types/transactions.ts";

/** Rejections that leave the sender's nonce unused: the same bytes may be applied in a later block. */
const RETRYABLE: ReadonlySet<ReceiptCode> = new Set([
  "ERR_BAD_NONCE",
  "ERR_MIN_BALANCE",
  "ERR_QUOTA_EXCEEDED",
  "ERR_NODE_NOT_STAKED",
]);
/** A reservation is refused as a whole for want of these, and they may come within its epoch. */
const RETRYABLE_RESERVE: ReadonlySet<ReceiptCode> = new Set([
  "ERR_UNKNOWN_SESSION",
  "ERR_SESSION_EXPIRED",
  "ERR_RESERVE_COUNT",
  "ERR_RESERVE_LIMIT",
  "ERR_INSUFFICIENT_BALANCE",
]);
/** Acknowledgements of which the rest is paid when money or limit allow, by the same bytes. */
const UNPAID: ReadonlySet<AckCode> = new Set(["ACK_PARTIAL_BALANCE", "ACK_PARTIAL_LIMIT"]);

/** Whether ordering the same bytes once more could change nothing. */
export function isFinal(kind: number, receipt: { status: number; ackStatus: readonly number[] }): boolean {
  const code = RECEIPT_CODES[receipt.status];
  if (code !== undefined && RETRYABLE.has(code)) return false;
  if (code !== undefined && kind === TX.reserve && RETRYABLE_RESERVE.has(code)) return false;
  return !receipt.ackStatus.some((status) => {
    const ack = ACK_CODES[status];
    return ack !== undefined && UNPAID.has(ack);
  });
}
