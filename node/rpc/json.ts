import { BitArray } from "@chainsafe/ssz";
import { toHex } from "#protocol/types/hex.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Bytes as 0x hex, bigints as decimal strings, bit lists as the indices that are set, names in snake_case. */
export function toJson(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (value instanceof Uint8Array) return toHex(value);
  if (value instanceof BitArray) return value.getTrueBitIndexes();
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object") throw new TypeError(`no JSON form of a ${typeof value}`);
  const out: { [key: string]: Json } = {};
  for (const [name, field] of Object.entries(value)) out[snakeCase(name)] = toJson(field);
  return out;
}
