import { FlkError } from "#protocol/errors/error.ts";

/** Codes of the JSON-RPC server, in `error.data.code`. Append only; codes of the chain and the pool pass through. */
type RpcErrorCode =
  | "ERR_RPC_PARSE"
  | "ERR_RPC_INVALID_REQUEST"
  | "ERR_RPC_UNKNOWN_METHOD"
  | "ERR_RPC_INVALID_PARAMS"
  | "ERR_RPC_BODY_TOO_LARGE"
  | "ERR_RPC_BATCH_TOO_LARGE"
  | "ERR_RPC_ANSWER_TOO_LARGE"
  | "ERR_RPC_BUSY"
  | "ERR_PORT_IN_USE"
  | "ERR_LISTEN"
  | "ERR_INTERNAL";

type Data = ConstructorParameters<typeof FlkError>[2];

export function rpcError(
  code: RpcErrorCode,
  message: string,
  data?: Data,
  options?: ErrorOptions,
): FlkError<RpcErrorCode> {
  return new FlkError(code, message, data, options);
}

/** Numbers that JSON-RPC 2.0 fixes; -32000 is for errors of the chain and the pool. */
const NUMBERS: Readonly<Record<string, number>> = {
  ERR_RPC_PARSE: -32700,
  ERR_RPC_INVALID_REQUEST: -32600,
  ERR_RPC_BODY_TOO_LARGE: -32600,
  ERR_RPC_BATCH_TOO_LARGE: -32600,
  ERR_RPC_UNKNOWN_METHOD: -32601,
  ERR_RPC_INVALID_PARAMS: -32602,
  ERR_INTERNAL: -32603,
};

export function rpcErrorNumber(code: string): number {
  return NUMBERS[code] ?? -32000;
}
