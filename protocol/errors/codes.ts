/**
 * Codes of rejected transactions. Their position is the receipt status on the wire: append only, never reorder or reuse.
 * Status 0 means applied; status n > 0 is `RECEIPT_CODES[n]`.
 */
export const RECEIPT_CODES = [
  "OK",
  "ERR_TX_MALFORMED",
  "ERR_TX_UNKNOWN_KIND",
  "ERR_TX_TOO_LARGE",
  "ERR_BAD_SIGNATURE",
  "ERR_BAD_NONCE",
  "ERR_UNKNOWN_ACCOUNT",
  "ERR_INSUFFICIENT_BALANCE",
  "ERR_AMOUNT_ZERO",
  "ERR_SELF_TRANSFER",
  "ERR_UNKNOWN_NODE",
  "ERR_NODE_NOT_STAKED",
  "ERR_NOT_NODE_KEY",
  "ERR_SESSION_EXISTS",
  "ERR_UNKNOWN_SESSION",
  "ERR_SESSION_EXPIRED",
  "ERR_SESSION_SCHEME",
  "ERR_SESSION_EXPIRY_PAST",
  "ERR_NO_ACKS",
  "ERR_ALREADY_OPTED",
  "ERR_QUOTA_EXCEEDED",
  "ERR_MIN_BALANCE",
  "ERR_RESERVE_EPOCH",
  "ERR_RESERVE_NODE",
  "ERR_RESERVE_SIGNATURE",
  "ERR_RESERVE_MINIMUM",
  "ERR_RESERVE_LIMIT",
  "ERR_RESERVE_COUNT",
  "ERR_REPORT_EPOCH",
  "ERR_REPORT_REPEATED",
  "ERR_REPORT_SUBJECT",
  "ERR_REPORT_RANGE",
  "ERR_DELEGATION",
  "ERR_DELEGATION_EXPIRED",
] as const;

export type ReceiptCode = (typeof RECEIPT_CODES)[number];

/**
 * Codes of single acknowledgements inside a `SubmitAcks`. Same rule: position is the wire status, append only.
 * `PARTIAL`, `UNPAID` and the no-ops are results, not failures of the transaction. Exactly `OK` and `PARTIAL` have a payment each.
 */
export const ACK_CODES = [
  "OK",
  "ACK_NO_CHANGE",
  "ACK_PARTIAL_BALANCE",
  "ACK_PARTIAL_LIMIT",
  "ERR_ACK_EPOCH",
  "ERR_ACK_NODE",
  "ERR_ACK_SERVICE",
  "ERR_ACK_COMMODITY",
  "ERR_ACK_UNKNOWN_SESSION",
  "ERR_ACK_SESSION_EXPIRED",
  "ERR_ACK_SIGNATURE",
  "ERR_ACK_ACCOUNT",
  "ERR_ACK_LANES",
  "ERR_ACK_DELEGATION",
  "ERR_ACK_DELEGATION_EXPIRED",
  "ACK_UNPAID_BALANCE",
  "ACK_UNPAID_LIMIT",
] as const;

export type AckCode = (typeof ACK_CODES)[number];

export function receiptStatus(code: ReceiptCode): number {
  return RECEIPT_CODES.indexOf(code);
}

export function ackStatus(code: AckCode): number {
  return ACK_CODES.indexOf(code);
}
