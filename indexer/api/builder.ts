import SchemaBuilder from "@pothos/core";
import type { ApiContext } from "./context.ts";
import { queryError } from "./errors.ts";

export type Builder = ReturnType<typeof createBuilder>;

export function createBuilder() {
  const builder = new SchemaBuilder<{
    Context: ApiContext;
    DefaultFieldNullability: false;
    Scalars: {
      Address: { Input: string; Output: string };
      Hex: { Input: string; Output: string };
      USDC: { Input: bigint; Output: bigint };
      FLK: { Input: bigint; Output: bigint };
      Units: { Input: bigint; Output: bigint };
      Counter: { Input: number; Output: number };
    };
  }>({ defaultFieldNullability: false });

  builder.scalarType("Address", {
    description: "20 bytes, 0x-prefixed lower-case hex. Any case is taken.",
    serialize: (value) => value,
    parseValue: parseAddress,
  });
  builder.scalarType("Hex", {
    description: "Bytes, 0x-prefixed lower-case hex. Any case is taken.",
    serialize: (value) => value,
    parseValue: parseHex,
  });
  builder.scalarType("USDC", {
    description: "Stablecoin in micro-USD (10^-6), an exact decimal string.",
    serialize: String,
    parseValue: parseAmount,
  });
  builder.scalarType("FLK", {
    description: "FLK in wei (10^-18), an exact decimal string.",
    serialize: String,
    parseValue: parseAmount,
  });
  builder.scalarType("Units", {
    description: "Units of a commodity (bytes, or ms of compute), an exact decimal string.",
    serialize: String,
    parseValue: parseAmount,
  });
  builder.scalarType("Counter", {
    description: "A whole number below 2^53: heights, L2 blocks, counts, and times as Unix ms.",
    serialize: (value) => value,
    parseValue: parseCounter,
  });
  builder.queryType({});
  return builder;
}

function parseAddress(value: unknown): string {
  if (typeof value === "string" && /^0x[0-9a-fA-F]{40}$/.test(value)) return value.toLowerCase();
  throw queryError("ERR_QUERY_ARGUMENT", "not an address: 0x and 40 hex digits");
}

function parseHex(value: unknown): string {
  if (typeof value === "string" && /^0x(?:[0-9a-fA-F]{2}){0,128}$/.test(value)) return value.toLowerCase();
  throw queryError("ERR_QUERY_ARGUMENT", "not bytes: 0x and pairs of hex digits, at most 128");
}

function parseAmount(value: unknown): bigint {
  if (typeof value === "string" && /^\d{1,78}$/.test(value)) return BigInt(value);
  throw queryError("ERR_QUERY_ARGUMENT", "not an amount: a string of decimal digits");
}

function parseCounter(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw queryError("ERR_QUERY_ARGUMENT", "not a whole number below 2^53");
}
