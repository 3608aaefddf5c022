import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { FlkError } from "#protocol/errors/error.ts";
import { type IndexerErrorCode, told } from "../errors.ts";
import { askerOf } from "./asker.ts";
import { createPlaces } from "./places.ts";
import { withinTime } from "./within-time.ts";

/** What a wallet in the explorer needs of a node: to send what it signed, and what a claim is proved by. */
const METHODS = new Set([
  "flk_get_account_info",
  "flk_get_epoch_report",
  "flk_get_receipt",
  "flk_get_settlement_certificate",
  "flk_send_txn",
]);
const MAX_BODY_BYTES = 65_536;
/** calls at once, of all clients and of one: a report may be large */
const MAX_ACTIVE = 16;
const MAX_ACTIVE_OF_ONE = 4;
/** ms for a call to come in */
const BODY_MS = 5_000;
/** ms for one call, the answer included */
const TIMEOUT_MS = 30_000;

/**
 * Passes calls of the explorer's wallet on to the node that the indexer follows, which pages may not reach themselves, and its
 * answers back as they are: the caller checks them.
 */
export interface Relay {
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export function createRelay(
  nodeRpcUrl: string,
  { trustProxy, bodyMs = BODY_MS }: { trustProxy: boolean; bodyMs?: number },
): Relay {
  const places = createPlaces({ all: MAX_ACTIVE, ofOne: MAX_ACTIVE_OF_ONE });
  return {
    async serve(request, response) {
      let leave: (() => void) | undefined;
      try {
        // whoever has not said what he wants takes no place
        const body = await withinTime(
          () => readCall(request),
          bodyMs,
          () => new LateCall("ERR_RELAY_REFUSED", `the call did not come in within ${bodyMs} ms`, {}),
        );
        leave = places.enter(askerOf(request, { trustProxy }));
        if (!leave) throw refusal("ERR_RELAY_BUSY", "too many calls at once");
        await pass(nodeRpcUrl, body, response);
      } catch (error) {
        if (response.headersSent) response.destroy();
        else refuse(response, statusOf(error), error);
      } finally {
        leave?.();
      }
    },
  };
}

class LateCall extends FlkError<IndexerErrorCode> {}

function statusOf(error: unknown): number {
  if (error instanceof LateCall) return 408;
  if (!(error instanceof FlkError)) return 502;
  return error.code === "ERR_RELAY_REFUSED" ? 400 : error.code === "ERR_RELAY_BUSY" ? 503 : 502;
}

/** @throws ERR_RELAY_REFUSED */
async function readCall(request: IncomingMessage): Promise<string> {
  if (request.method !== "POST") throw refusal("ERR_RELAY_REFUSED", "only POST");
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES)
      throw refusal("ERR_RELAY_REFUSED", `a call has at most ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks).toString("utf8");
  let call: unknown;
  try {
    call = JSON.parse(body);
  } catch (cause) {
    throw refusal("ERR_RELAY_REFUSED", "not JSON", cause);
  }
  const method = typeof call === "object" && call !== null && "method" in call ? call.method : undefined;
  if (typeof method !== "string" || !METHODS.has(method)) {
    throw refusal("ERR_RELAY_REFUSED", `not passed on; there are ${[...METHODS].join(", ")}`);
  }
  return body;
}

/** @throws ERR_NODE_UNREACHABLE */
async function pass(url: string, body: string, response: ServerResponse): Promise<void> {
  let answer: Response;
  try {
    answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    throw refusal("ERR_NODE_UNREACHABLE", "the node that the indexer follows does not answer", cause);
  }
  response.writeHead(answer.ok ? 200 : 502, {
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  if (answer.body) await pipeline(answer.body as AsyncIterable<Uint8Array>, response);
  else response.end();
}

function refusal(code: IndexerErrorCode, message: string, cause?: unknown): FlkError<IndexerErrorCode> {
  return new FlkError(code, message, {}, { cause });
}

/** As JSON-RPC says it, with our code where nodes put theirs. */
function refuse(response: ServerResponse, status: number, error: unknown): void {
  const { code, message } = told(error);
  const body = { jsonrpc: "2.0", id: null, error: { code: -32_000, message, data: { code } } };
  response
    .writeHead(status, {
      "content-type": "application/json",
      "cache-control": "no-store",
      connection: "close",
    })
    .end(JSON.stringify(body));
}
