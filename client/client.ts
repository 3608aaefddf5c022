import { isAddress } from "viem";
import { type NetworkContext, networkContext } from "#protocol/digests/network.ts";
import { FlkError } from "#protocol/errors/error.ts";
import { fromHex, type Hex } from "#protocol/types/hex.ts";
import { assertParameter } from "./checks.ts";
import { causeWithout, clientError } from "./errors.ts";

export interface FlkClientOptions {
  /** JSON-RPC of a node, e.g. http://127.0.0.1:4230 */
  rpcUrl: string;
  /** of the L2 */
  chainId: number;
  /** the EpochSettlement contract */
  settlement: Hex;
  /** ms per request; 10 s when absent */
  timeoutMs?: number;
  fetch?: typeof fetch;
}

/** What actions work on: one network through one node's JSON-RPC. */
export interface FlkClient {
  readonly network: NetworkContext;
  readonly fetch: typeof fetch;
  /** @throws the node's code, ERR_RPC_UNREACHABLE, ERR_RPC_RESPONSE */
  request(method: string, params: readonly unknown[]): Promise<unknown>;
}

interface RpcAnswer {
  result?: unknown;
  error?: { message?: unknown; data?: { code?: unknown } };
}

/** @throws ERR_REQUEST (chainId), ERR_HEX (settlement, also with a checksum that does not hold) */
export function createFlkClient(options: FlkClientOptions): FlkClient {
  const { chainId, settlement } = options;
  assertParameter(Number.isSafeInteger(chainId) && chainId > 0, `not a chain id: ${chainId}`);
  fromHex(settlement, 20);
  if (!isAddress(settlement))
    throw new FlkError("ERR_HEX", `the checksum of ${settlement} does not hold: a character is wrong`);
  const send = options.fetch ?? globalThis.fetch.bind(globalThis);
  let id = 0;
  const request = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    id += 1;
    const answer = await post(send, options, { jsonrpc: "2.0", id, method, params });
    if (answer.error) {
      const code = answer.error.data?.code;
      const message = typeof answer.error.message === "string" ? answer.error.message : "the node refused";
      throw new FlkError(typeof code === "string" ? code : "ERR_RPC_RESPONSE", message, { method });
    }
    if (!("result" in answer)) throw clientError("ERR_RPC_RESPONSE", "neither result nor error", { method });
    return answer.result;
  };
  return { network: networkContext(chainId, settlement), fetch: send, request };
}

/** The rest of an RPC URL is often a key. */
function shownUrl(rpcUrl: string): string {
  const origin = URL.canParse(rpcUrl) ? new URL(rpcUrl).origin : "null";
  return origin === "null" ? "the configured URL" : origin;
}

async function post(send: typeof fetch, options: FlkClientOptions, body: unknown): Promise<RpcAnswer> {
  let response: Response;
  try {
    response = await send(options.rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(options.timeoutMs ?? 10_000),
    });
  } catch (cause) {
    const url = shownUrl(options.rpcUrl);
    const shown = causeWithout(options.rpcUrl, cause);
    throw clientError("ERR_RPC_UNREACHABLE", `no answer from ${url}`, { url }, shown);
  }
  try {
    const answer: unknown = await response.json();
    if (typeof answer === "object" && answer !== null) return answer;
  } catch (cause) {
    throw clientError("ERR_RPC_RESPONSE", "the answer is not JSON", { status: response.status }, { cause });
  }
  throw clientError("ERR_RPC_RESPONSE", "the answer is not an object", { status: response.status });
}
