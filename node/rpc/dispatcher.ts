import type { Logger } from "#node/interface/logger.ts";
import type { Metrics } from "#node/interface/metrics.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { rpcError, rpcErrorNumber } from "./errors.ts";
import { type Json, toJson } from "./json.ts";
import type { Method, RpcContext } from "./method.ts";
import { CHAIN_METHODS } from "./methods-chain.ts";
import { STATE_METHODS } from "./methods-state.ts";
import { openRpcDocument } from "./openrpc.ts";
import { parseParams } from "./params.ts";

const MAX_BATCH = 100;

type Id = string | number | null;
interface Request {
  id: Id | undefined;
  method: string;
  params: unknown;
}

export function failure(id: Id, error: unknown): Json {
  const known = isFlkError(error) ? error : rpcError("ERR_INTERNAL", "internal error");
  const data = toJson({ ...known.data, code: known.code });
  return { jsonrpc: "2.0", id, error: { code: rpcErrorNumber(known.code), message: known.message, data } };
}

function parseRequest(value: unknown): Request {
  const invalid = (why: string) => rpcError("ERR_RPC_INVALID_REQUEST", why);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid("a request is an object");
  const { jsonrpc, id, method, params } = value as Record<string, unknown>;
  if (jsonrpc !== "2.0") throw invalid('jsonrpc must be "2.0"');
  if (typeof method !== "string") throw invalid("method must be a string");
  if (id !== undefined && id !== null && typeof id !== "string" && typeof id !== "number")
    throw invalid("id is of a wrong type");
  if (params !== undefined && (typeof params !== "object" || params === null)) {
    throw rpcError("ERR_RPC_INVALID_PARAMS", "params must be an array or an object");
  }
  return { id, method, params };
}

function idOf(value: unknown): Id {
  const id = typeof value === "object" && value !== null && "id" in value ? value.id : null;
  return typeof id === "string" || typeof id === "number" ? id : null;
}

/** JSON-RPC 2.0: one request or a batch of at most 100 in, the answer out; undefined when nothing is to be answered. */
export class Dispatcher {
  #context: RpcContext;
  #methods: ReadonlyMap<string, Method>;
  #logger: Logger;
  #metrics: Metrics;

  constructor(context: RpcContext, version: string, logger: Logger, metrics: Metrics) {
    const methods = [...CHAIN_METHODS, ...STATE_METHODS];
    const document = openRpcDocument(methods, version);
    const discover: Method = {
      name: "rpc.discover",
      summary: "This document",
      params: {},
      result: { type: "object" },
      call: () => document,
    };
    this.#methods = new Map([...methods, discover].map((method) => [method.name, method]));
    this.#context = context;
    this.#logger = logger;
    this.#metrics = metrics;
  }

  async handle(body: string): Promise<Json | undefined> {
    let parsed: unknown;
    try {
      parsed = JSON.parse(body);
    } catch {
      return failure(null, rpcError("ERR_RPC_PARSE", "the body is not JSON"));
    }
    if (!Array.isArray(parsed)) return this.#one(parsed);
    if (parsed.length === 0) return failure(null, rpcError("ERR_RPC_INVALID_REQUEST", "an empty batch"));
    if (parsed.length > MAX_BATCH) {
      const message = `a batch has at most ${MAX_BATCH} requests`;
      return failure(null, rpcError("ERR_RPC_BATCH_TOO_LARGE", message, { max: MAX_BATCH }));
    }
    const answers: Json[] = [];
    for (const entry of parsed) {
      const answer = await this.#one(entry);
      if (answer !== undefined) answers.push(answer);
    }
    return answers.length > 0 ? answers : undefined;
  }

  async #one(value: unknown): Promise<Json | undefined> {
    let request: Request | undefined;
    let answer: Json;
    try {
      request = parseRequest(value);
      const result = await this.#call(request);
      answer = { jsonrpc: "2.0", id: request.id ?? null, result };
    } catch (error) {
      answer = failure(request ? (request.id ?? null) : idOf(value), error);
    }
    return request && request.id === undefined ? undefined : answer;
  }

  async #call(request: Request): Promise<Json> {
    const method = this.#methods.get(request.method);
    if (!method) throw rpcError("ERR_RPC_UNKNOWN_METHOD", "no such method; rpc.discover lists them");
    const count = (outcome: string) =>
      this.#metrics
        .counter("flk_rpc_requests_total", "JSON-RPC requests", { method: method.name, outcome })
        .inc();
    try {
      const result = await method.call(this.#context, parseParams(method.params, request.params));
      count("ok");
      return result;
    } catch (error) {
      count("error");
      if (!isFlkError(error)) {
        this.#logger.error("rpc.failed", {
          method: method.name,
          reason: String(error),
          code: "ERR_INTERNAL",
        });
      }
      throw error;
    }
  }
}
