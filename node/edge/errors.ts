import { FlkError } from "#protocol/errors/error.ts";

/** Codes of the edge itself; those of sessions, transfers and acknowledgements are in node/delivery/errors.ts. */
export const EDGE_CODES = [
  "ERR_CONTENT_MISSING",
  "ERR_CONTENT_EMPTY",
  "ERR_CONTENT_NOT_FOUND",
  "ERR_CONTENT_CORRUPT",
  "ERR_CONTENT_STORE",
  "ERR_CLIENT_GONE",
  "ERR_RANGE",
  "ERR_REQUEST",
  "ERR_BODY_TOO_LARGE",
  "ERR_NOT_FOUND",
  "ERR_METHOD",
  "ERR_SESSION_REQUIRED",
  "ERR_CHALLENGE",
  "ERR_HANDSHAKE_SIGNATURE",
  "ERR_REPORT_NOT_FOUND",
  "ERR_COMPUTE_BUSY",
  "ERR_COMPUTE_FAILED",
  "ERR_COMPUTE_MODULE",
  "ERR_COMPUTE_TRAP",
  "ERR_COMPUTE_OUTPUT",
  "ERR_COMPUTE_MEMORY",
  "ERR_COMPUTE_TIMEOUT",
  "ERR_PORT_IN_USE",
  "ERR_LISTEN",
] as const;
export type EdgeCode = (typeof EDGE_CODES)[number];

export function edgeError(
  code: EdgeCode,
  message: string,
  data: Record<string, string | number | bigint | boolean | null> = {},
  options?: ErrorOptions,
): FlkError<EdgeCode> {
  return new FlkError(code, message, data, options);
}
