import { FlkError } from "#protocol/errors/error.ts";

/** Codes that the SDK adds to those of nodes and of the chain, which it passes on as they are. */
export const CLIENT_CODES = [
  "ERR_RPC_UNREACHABLE",
  "ERR_RPC_RESPONSE",
  "ERR_NODE_UNREACHABLE",
  "ERR_NODE_RESPONSE",
  "ERR_NODE_IDENTITY",
  "ERR_NODE_UNKNOWN",
  "ERR_NODE_NO_ENDPOINT",
  "ERR_SERVICE_UNKNOWN",
  "ERR_CONTENT_HASH",
  "ERR_CONTENT_TRUNCATED",
  "ERR_CONTENT_TOO_LARGE",
  "ERR_PRICE_TOO_HIGH",
  "ERR_LANE_STATE",
  "ERR_RESERVATION_REQUIRED",
  "ERR_RECEIPT_TIMEOUT",
  "ERR_NOT_SETTLED",
  "ERR_NO_PAYOUT",
  "ERR_NO_BALANCE",
  "ERR_REPORT_HASH",
  "ERR_L2_REVERTED",
  "ERR_L2_UNREACHABLE",
  "ERR_L2_REFUSED",
  "ERR_SIGNER",
  "ERR_AMOUNT",
  "ERR_CONTRACT_UNKNOWN",
  "ERR_PROPOSAL_UNKNOWN",
  "ERR_JOB",
  "ERR_JOB_DEADLINE",
  "ERR_JOB_NODES",
  "ERR_ABORTED",
  "ERR_INDEXER_UNREACHABLE",
  "ERR_INDEXER_RESPONSE",
] as const;
export type ClientCode = (typeof CLIENT_CODES)[number];

/** `cause`, unless it shows the URL, as fetch does of one that it does not take: there may be a key in it. */
export function causeWithout(url: string, cause: unknown): ErrorOptions {
  return cause instanceof Error && cause.message.includes(url) ? {} : { cause };
}

export function clientError(
  code: ClientCode,
  message: string,
  data: Record<string, string | number | bigint | boolean | null> = {},
  options?: ErrorOptions,
): FlkError<ClientCode> {
  return new FlkError(code, message, data, options);
}
