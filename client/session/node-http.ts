import { FlkError } from "#protocol/errors/error.ts";
import { clientError } from "../errors.ts";

/** A refusal of a node, with what it says of the lane. */
export class NodeRefusal extends FlkError {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, message: string, body: Record<string, unknown>) {
    super(code, message, { status });
    this.status = status;
    this.body = body;
  }
}

/** bytes of an answer that carries no content, unpacked, unless the caller allows fewer */
export const MAX_ANSWER_BYTES = 1 << 20;

/** Follows no redirect: a node answers itself, and sends nobody to an address of its choice. @throws ERR_NODE_UNREACHABLE, ERR_ABORTED */
export async function send(
  fetch: typeof globalThis.fetch,
  url: string,
  init: RequestInit,
): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: "error" });
  } catch (cause) {
    if (init.signal?.aborted && init.signal.reason?.name !== "TimeoutError") {
      throw clientError("ERR_ABORTED", "the caller gave up", {}, { cause });
    }
    throw clientError("ERR_NODE_UNREACHABLE", `no answer from ${url}`, { url }, { cause });
  }
}

/** @throws NodeRefusal with the node's code, or ERR_NODE_RESPONSE */
export async function refuse(response: Response): Promise<never> {
  let body: unknown;
  try {
    body = JSON.parse(await readText(response, MAX_ANSWER_BYTES));
  } catch (cause) {
    throw clientError(
      "ERR_NODE_RESPONSE",
      `the node answered ${response.status}`,
      { status: response.status },
      { cause },
    );
  }
  const { code, message } = (body ?? {}) as Record<string, unknown>;
  if (typeof code !== "string" || typeof message !== "string") {
    throw clientError("ERR_NODE_RESPONSE", `the node answered ${response.status}`, {
      status: response.status,
    });
  }
  throw new NodeRefusal(response.status, code, message, body as Record<string, unknown>);
}

/** ms for requests that carry no content */
const REQUEST_MS = 10_000;

export async function postJson(
  fetch: typeof globalThis.fetch,
  url: string,
  body: unknown,
  { timeoutMs = REQUEST_MS, signal }: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<unknown> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const response = await send(fetch, url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  });
  return response.ok ? readJson(response) : refuse(response);
}

export async function getJson(
  fetch: typeof globalThis.fetch,
  url: string,
  headers: HeadersInit = {},
  {
    timeoutMs = REQUEST_MS,
    maxBytes = MAX_ANSWER_BYTES,
  }: { timeoutMs?: number | undefined; maxBytes?: number } = {},
): Promise<unknown> {
  const response = await send(fetch, url, { headers, signal: AbortSignal.timeout(timeoutMs) });
  return response.ok ? readJson(response, maxBytes) : refuse(response);
}

async function readJson(response: Response, maxBytes = MAX_ANSWER_BYTES): Promise<unknown> {
  try {
    return JSON.parse(await readText(response, maxBytes));
  } catch (cause) {
    throw clientError("ERR_NODE_RESPONSE", "the answer is not JSON", { status: response.status }, { cause });
  }
}

/** Reads no further than `maxBytes`. */
async function readText(response: Response, maxBytes: number): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let left = maxBytes; reader; ) {
    const { done, value } = await reader.read();
    if (done) break;
    left -= value.length;
    if (left < 0) {
      // it is refused already: how the connection ends changes nothing
      await reader.cancel().catch(() => undefined);
      throw clientError("ERR_NODE_RESPONSE", `the answer has more than ${maxBytes} bytes`, { maxBytes });
    }
    text += decoder.decode(value, { stream: true });
  }
  return text + decoder.decode();
}
