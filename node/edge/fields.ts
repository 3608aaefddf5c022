import { fromHex } from "#protocol/types/hex.ts";
import { edgeError } from "./errors.ts";

/** Readers of hostile JSON: each gives the value or ERR_REQUEST that names the field. */
export type JsonObject = Record<string, unknown>;

export function asObject(value: unknown, what: string): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw edgeError("ERR_REQUEST", `${what} is not a JSON object`);
}

export function hexField(object: JsonObject, name: string, length?: number): Uint8Array {
  const value = object[name];
  if (typeof value !== "string") throw edgeError("ERR_REQUEST", `${name} is not a string`, { field: name });
  try {
    return fromHex(value, length);
  } catch (cause) {
    const expected = length === undefined ? "0x hex" : `0x hex of ${length} bytes`;
    throw edgeError("ERR_REQUEST", `${name} is not ${expected}`, { field: name }, { cause });
  }
}

export function uintField(object: JsonObject, name: string, max: number): number {
  const value = object[name];
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw edgeError("ERR_REQUEST", `${name} is not a whole number from 0 to ${max}`, { field: name });
}

export function u64Field(object: JsonObject, name: string): bigint {
  const value = object[name];
  if (typeof value === "string" && /^(0|[1-9][0-9]{0,19})$/.test(value)) {
    const parsed = BigInt(value);
    if (parsed < 1n << 64n) return parsed;
  }
  throw edgeError("ERR_REQUEST", `${name} is not a u64 as a decimal string`, { field: name });
}
