import { FlkError } from "#protocol/errors/error.ts";

/** Codes of refused requests and of transfers that end early; docs/spec/delivery.md says when each is given. */
export const DELIVERY_CODES = [
  "ERR_NETWORK",
  "ERR_UNKNOWN_SESSION",
  "ERR_SESSION_EXPIRED",
  "ERR_SESSION_BUDGET",
  "ERR_INSUFFICIENT_BALANCE",
  "ERR_SESSION_UNKNOWN",
  "ERR_TOO_MANY_SESSIONS",
  "ERR_TOO_MANY_LANES",
  "ERR_TOO_MANY_TRANSFERS",
  "ERR_SERVICE",
  "ERR_COMMODITY",
  "ERR_PRICE_TOO_LOW",
  "ERR_CREDIT_EXHAUSTED",
  "ERR_CREDIT_TIMEOUT",
  "ERR_RESERVATION_REQUIRED",
  "ERR_RESERVATION_BUSY",
  "ERR_RESERVATION_TIMEOUT",
  "ERR_RESERVE_EPOCH",
  "ERR_RESERVE_NODE",
  "ERR_RESERVE_ACCOUNT",
  "ERR_RESERVE_SIGNATURE",
  "ERR_RESERVE_MINIMUM",
  "ERR_RESERVE_LIMIT",
  "ERR_TRANSFER_ABORTED",
  "ERR_ACK_NETWORK",
  "ERR_ACK_NODE",
  "ERR_ACK_ACCOUNT",
  "ERR_ACK_UNKNOWN_SESSION",
  "ERR_ACK_SESSION_EXPIRED",
  "ERR_ACK_LANE",
  "ERR_ACK_SERVICE",
  "ERR_ACK_COMMODITY",
  "ERR_ACK_EPOCH",
  "ERR_ACK_SIGNATURE",
  "ERR_ACK_LOWER",
  "ERR_ACK_CONFLICT",
  "ERR_ACK_GAP",
  "ERR_ACK_LOG",
  "ERR_ACK_UNITS",
  "ERR_ACK_LIMIT",
  "ERR_ACK_BALANCE",
] as const;
export type DeliveryCode = (typeof DELIVERY_CODES)[number];

export function deliveryError(
  code: DeliveryCode,
  message: string,
  data: Record<string, string | number | bigint | boolean | null> = {},
): FlkError<DeliveryCode> {
  return new FlkError(code, message, data);
}
