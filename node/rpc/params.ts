import type { FlkError } from "#protocol/errors/error.ts";
import { isParameterKey, PARAMETER_KEYS, type ParameterKey } from "#protocol/params/keys.ts";
import { fromHex } from "#protocol/types/hex.ts";
import { rpcError } from "./errors.ts";

/** How one parameter is read from JSON and described in OpenRPC. */
export interface ParamType<Value> {
  schema: Record<string, unknown>;
  /** @throws ERR_RPC_INVALID_PARAMS */
  parse(value: unknown, name: string): Value;
}

function invalid(name: string, expected: string): FlkError {
  return rpcError("ERR_RPC_INVALID_PARAMS", `${name} must be ${expected}`, { param: name });
}

function bytesType(length: number, what: string): ParamType<Uint8Array> {
  return {
    schema: { type: "string", pattern: `^0x[0-9a-fA-F]{${2 * length}}$`, description: what },
    parse(value, name) {
      if (typeof value !== "string" || value.length !== 2 + 2 * length || !/^0x[0-9a-fA-F]*$/.test(value)) {
        throw invalid(name, `${what}: 0x and ${2 * length} hex digits`);
      }
      return fromHex(value);
    },
  };
}

function integerType(max: number, what: string): ParamType<number> {
  return {
    schema: { type: "integer", minimum: 0, maximum: max, description: what },
    parse(value, name) {
      if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0 || value > max) {
        throw invalid(name, `${what}: an integer from 0 to ${max}`);
      }
      return value;
    },
  };
}

export const address = bytesType(20, "an address");
export const bytes32 = bytesType(32, "32 bytes");
export const nodeId = integerType(0xffff_ffff, "a node id");
export const serviceId = integerType(0xffff_ffff, "a service id");
export const epoch = integerType(Number.MAX_SAFE_INTEGER, "an epoch");
export const height = integerType(Number.MAX_SAFE_INTEGER, "a block height");
export const count = integerType(1000, "a count");

export const hexBytes: ParamType<Uint8Array> = {
  schema: { type: "string", pattern: "^0x([0-9a-fA-F]{2})*$", description: "bytes" },
  parse(value, name) {
    if (typeof value !== "string" || !/^0x([0-9a-fA-F]{2})*$/.test(value))
      throw invalid(name, "0x-prefixed hex");
    return fromHex(value);
  },
};

export const parameterKey: ParamType<ParameterKey> = {
  schema: { type: "string", enum: [...PARAMETER_KEYS] },
  parse(value, name) {
    if (typeof value !== "string" || !isParameterKey(value)) throw invalid(name, "the name of a parameter");
    return value;
  },
};

export function optional<Value>(type: ParamType<Value>): ParamType<Value | undefined> & { optional: true } {
  return {
    schema: type.schema,
    optional: true,
    parse: (value, name) => (value === undefined || value === null ? undefined : type.parse(value, name)),
  };
}

/** Positional or by name; more, or others, than `types` names are refused. @throws ERR_RPC_INVALID_PARAMS */
export function parseParams(
  types: Readonly<Record<string, ParamType<unknown>>>,
  given: unknown,
): Record<string, unknown> {
  const names = Object.keys(types);
  const raw = new Map<string, unknown>();
  if (Array.isArray(given)) {
    if (given.length > names.length) {
      throw rpcError("ERR_RPC_INVALID_PARAMS", `takes ${names.length} params, got ${given.length}`);
    }
    for (const [i, value] of given.entries()) raw.set(names[i] as string, value);
  } else if (given !== undefined) {
    for (const [name, value] of Object.entries(given as object)) {
      if (!names.includes(name))
        throw rpcError("ERR_RPC_INVALID_PARAMS", "has a param that the method does not know");
      raw.set(name, value);
    }
  }
  return Object.fromEntries(
    Object.entries(types).map(([name, type]) => [name, type.parse(raw.get(name), name)]),
  );
}
