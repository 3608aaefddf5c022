import { fromHex, type Hex } from "#protocol/types/hex.ts";
import { clientError } from "../errors.ts";

/** Readers of what a node answered: nodes are not trusted to answer in the right shape. @throws ERR_RPC_RESPONSE */
export type JsonObject = Record<string, unknown>;

export function wrong(what: string): never {
  throw clientError("ERR_RPC_RESPONSE", `the answer of the node has no valid ${what}`, { field: what });
}

export function object(value: unknown, what: string): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : wrong(what);
}

export function list(value: unknown, what: string): unknown[] {
  return Array.isArray(value) ? value : wrong(what);
}

export function text(value: unknown, what: string): string {
  return typeof value === "string" ? value : wrong(what);
}

export function integer(value: unknown, what: string): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : wrong(what);
}

/** As `integer`, below zero too. */
export function signedInteger(value: unknown, what: string): number {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : wrong(what);
}

export function amount(value: unknown, what: string): bigint {
  return typeof value === "string" && /^\d{1,78}$/.test(value) ? BigInt(value) : wrong(what);
}

/** As `amount`, below zero too. */
export function signedAmount(value: unknown, what: string): bigint {
  return typeof value === "string" && /^-?\d{1,78}$/.test(value) ? BigInt(value) : wrong(what);
}

export function bytes(value: unknown, what: string, length?: number): Uint8Array {
  try {
    return fromHex(text(value, what), length);
  } catch {
    return wrong(what);
  }
}

export function hex(value: unknown, what: string, length?: number): Hex {
  bytes(value, what, length);
  return value as Hex;
}
