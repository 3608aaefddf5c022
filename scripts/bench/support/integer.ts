import { FlkError } from "#protocol/errors/error.ts";
import type { BenchArguments } from "../bench.ts";

/** @throws ERR_USAGE */
export function integer(values: BenchArguments, name: string, min: number, max: number): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = typeof text === "string" && /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw new FlkError("ERR_USAGE", `--${name} is a whole number from ${min} to ${max}`, {
      got: String(text),
    });
  }
  return value;
}
