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
/** bytes of the answer to a batch; a request alone is answered whatever its size, or large blocks could not be read */
const MAX_BATCH_ANSWER = 16 * 1024 * 1024;
/** bytes kept for what each request is told that does not fit any more */
const REFUSAL_BYTES = 512;

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

function text(answer: Json): string {
  return JSON.stringify(answer);
}

function isNotification(request: unknown): boolean {
  return typeof request === "object" && request !== null && !Array.isArray(request) && !("id" in request);
}

function tooLarge(request: unknown): Json {
  const message = "the answers before this one fill the batch: ask again, alone or in a smaller batch";
  return failure(idOf(request), rpcError("ERR_RPC_ANSWER_TOO_LARGE", message, { max: MAX_BATCH_ANSWER }));
}

/**
 * JSON-RPC 2.0: one request or a batch of at most 100 in, the answer as JSON out; undefined when nothing is to be answered. A batch
 * stops at 16 MiB: from the first answer that does not fit on, requests get ERR_RPC_ANSWER_TOO_LARGE and are not run.
 */
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

  async handle(body: string): Promise<string | undefined> {
    let parsed: unknown;
    try {
      parsed = JSON.parse(body);
    } catch {
      return text(failure(null, rpcError("ERR_RPC_PARSE", "the body is not JSON")));
    }
    if (Array.isArray(parsed)) return this.#batch(parsed, Buffer.byteLength(body));
    const answer = await this.#one(parsed);
    return answer === undefined ? undefined : text(answer);
  }

  /** `bytes`: of the batch, since answers repeat the ids in it */
  async #batch(requests: unknown[], bytes: number): Promise<string | undefined> {
    if (requests.length === 0)
      return text(failure(null, rpcError("ERR_RPC_INVALID_REQUEST", "an empty batch")));
    if (requests.length > MAX_BATCH) {
      const message = `a batch has at most ${MAX_BATCH} requests`;
      return text(failure(null, rpcError("ERR_RPC_BATCH_TOO_LARGE", message, { max: MAX_BATCH })));
    }
    const answers: string[] = [];
    let left = MAX_BATCH_ANSWER - bytes - requests.length * REFUSAL_BYTES;
    let full = false;
    for (const request of requests) {
      if (full) {
        if (!isNotification(request)) answers.push(text(tooLarge(request)));
        continue;
      }
      const answer = await this.#one(request);
      if (answer === undefined) continue;
      const written = text(answer);
      left -= Buffer.byteLength(written);
      full = left < 0;
      answers.push(full ? text(tooLarge(request)) : written);
    }
    return answers.length > 0 ? `[${answers.join()}]` : undefined;
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
