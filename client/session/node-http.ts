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

/** @throws ERR_NODE_UNREACHABLE, ERR_ABORTED */
export async function send(
  fetch: typeof globalThis.fetch,
  url: string,
  init: RequestInit,
): Promise<Response> {
  try {
    return await fetch(url, init);
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
    body = await response.json();
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
  timeoutMs: number = REQUEST_MS,
): Promise<unknown> {
  const response = await send(fetch, url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  return response.ok ? readJson(response) : refuse(response);
}

export async function getJson(
  fetch: typeof globalThis.fetch,
  url: string,
  headers: HeadersInit = {},
  timeoutMs: number = REQUEST_MS,
): Promise<unknown> {
  const response = await send(fetch, url, { headers, signal: AbortSignal.timeout(timeoutMs) });
  return response.ok ? readJson(response) : refuse(response);
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    throw clientError("ERR_NODE_RESPONSE", "the answer is not JSON", { status: response.status }, { cause });
  }
}
