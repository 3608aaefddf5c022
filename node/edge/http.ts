import type { IncomingMessage, ServerResponse } from "node:http";
import { errorCode, isFlkError } from "#protocol/errors/error.ts";
import { type ErrorBody, MAX_MS_HEADER, SESSION_HEADER, TRANSFER_HEADER } from "#protocol/types/edge-http.ts";
import { edgeError } from "./errors.ts";

/** Bytes of a JSON request body. */
const MAX_BODY_BYTES = 131_072;

/** As docs/spec/delivery.md D9 has it. */
export const STATUS: Readonly<Record<string, number>> = {
  ERR_REQUEST: 400,
  ERR_NETWORK: 400,
  ERR_DECODE: 400,
  ERR_HEX: 400,
  ERR_COMPUTE_MODULE: 400,
  ERR_SESSION_REQUIRED: 401,
  ERR_SESSION_UNKNOWN: 401,
  ERR_CHALLENGE: 401,
  ERR_HANDSHAKE_SIGNATURE: 401,
  ERR_SESSION_BUDGET: 402,
  ERR_INSUFFICIENT_BALANCE: 402,
  ERR_CREDIT_EXHAUSTED: 402,
  ERR_RESERVATION_REQUIRED: 402,
  ERR_RESERVE_LIMIT: 402,
  ERR_RESERVE_MINIMUM: 402,
  ERR_RESERVE_COUNT: 402,
  ERR_PRICE_TOO_LOW: 402,
  ERR_ACK_LIMIT: 402,
  ERR_ACK_BALANCE: 402,
  ERR_UNKNOWN_SESSION: 403,
  ERR_SESSION_EXPIRED: 403,
  ERR_DELEGATION: 403,
  ERR_DELEGATION_EXPIRED: 403,
  ERR_DELEGATION_ORIGIN: 403,
  ERR_NOT_FOUND: 404,
  ERR_CONTENT_NOT_FOUND: 404,
  ERR_REPORT_NOT_FOUND: 404,
  ERR_SERVICE: 404,
  ERR_COMMODITY: 404,
  ERR_METHOD: 405,
  ERR_BODY_TOO_LARGE: 413,
  ERR_RANGE: 416,
  ERR_TOO_MANY_LANES: 429,
  ERR_TOO_MANY_TRANSFERS: 429,
  ERR_RESERVATION_BUSY: 429,
  ERR_TOO_MANY_SUBKEYS: 429,
  ERR_COMPUTE_BUSY: 503,
  ERR_TOO_MANY_SESSIONS: 503,
  ERR_RESERVATION_TIMEOUT: 503,
  ERR_POOL_FULL: 503,
  ERR_QUOTA_EXCEEDED: 503,
};

/** Every ERR_ACK_… and ERR_RESERVE_… not listed is a conflict with what this node holds. */
export function statusOf(code: string): number {
  return STATUS[code] ?? (/^ERR_(ACK|RESERVE)_/.test(code) ? 409 : 500);
}

export function setCors(response: ServerResponse): void {
  response.setHeader("access-control-allow-origin", "*");
  response.setHeader("access-control-allow-methods", "GET, POST, OPTIONS");
  response.setHeader(
    "access-control-allow-headers",
    `content-type, range, ${SESSION_HEADER}, ${MAX_MS_HEADER}`,
  );
  response.setHeader("access-control-expose-headers", `content-length, content-range, ${TRANSFER_HEADER}`);
  response.setHeader("access-control-max-age", "86400");
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": bytes.length,
    "cache-control": "no-store",
  });
  response.end(bytes);
}

/** What is not a FlkError is masked: its message may hold paths. */
export function errorBody(error: unknown): ErrorBody {
  const known = isFlkError(error);
  return { code: errorCode(error), message: known ? error.message : "internal error" };
}

/** `onBytes` hears of each piece before it is kept, and may refuse it. @throws ERR_BODY_TOO_LARGE */
export async function readBody(
  request: IncomingMessage,
  max: number,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<Buffer> {
  const tooLarge = (): Error => edgeError("ERR_BODY_TOO_LARGE", `a body has at most ${max} bytes`);
  if (Number(request.headers["content-length"] ?? 0) > max) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > max) throw tooLarge();
    onBytes((chunk as Buffer).length);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** @throws ERR_BODY_TOO_LARGE, ERR_REQUEST */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request, MAX_BODY_BYTES);
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw edgeError("ERR_REQUEST", "the body is not JSON", {}, { cause });
  }
}
