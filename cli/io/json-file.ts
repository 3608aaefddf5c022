import { readFile } from "node:fs/promises";
import type { Hex } from "#protocol/types/hex.ts";
import { cliError } from "../errors.ts";

/** The fields of a JSON file, with the name of the file for what is wrong with them. */
export interface Fields {
  path: string;
  values: Record<string, unknown>;
}

function refuse(path: string, what: string, cause?: unknown): Error {
  return cliError("ERR_INPUT_FILE", `${path}: ${what}`, { path }, cause);
}

/** @throws ERR_INPUT_FILE */
export async function readFields(path: string): Promise<Fields> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw refuse(path, "cannot be read as JSON", cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw refuse(path, "is no JSON object");
  return { path, values: value as Record<string, unknown> };
}

/** Hex of `length` bytes, of any when it is absent. @throws ERR_INPUT_FILE */
export function bytesField({ path, values }: Fields, name: string, length?: number): Hex {
  return hexBytes(path, name, values[name], length);
}

/** A list of them, of any length. @throws ERR_INPUT_FILE */
export function bytesListField({ path, values }: Fields, name: string): Hex[] {
  return list(path, name, values[name]).map((entry, i) => hexBytes(path, `${name}[${i}]`, entry));
}

/** A whole number, as a number or, as large ones must be, a decimal string. @throws ERR_INPUT_FILE */
export function numberField({ path, values }: Fields, name: string): bigint {
  return wholeNumber(path, name, values[name]);
}

/** A list of them. @throws ERR_INPUT_FILE */
export function numbersField({ path, values }: Fields, name: string): bigint[] {
  return list(path, name, values[name]).map((entry, i) => wholeNumber(path, `${name}[${i}]`, entry));
}

function list(path: string, name: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw refuse(path, `${name} must be a list`);
  return value;
}

function hexBytes(path: string, name: string, value: unknown, length?: number): Hex {
  const fits = typeof value === "string" && /^0x(?:[0-9a-fA-F]{2})*$/.test(value);
  if (!fits || (length !== undefined && value.length !== 2 + 2 * length))
    throw refuse(path, `${name} must be hex of ${length ?? "whole"} bytes`);
  return value.toLowerCase() as Hex;
}

function wholeNumber(path: string, name: string, value: unknown): bigint {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  if (typeof value === "string" && /^\d{1,78}$/.test(value)) return BigInt(value);
  throw refuse(path, `${name} must be a whole number`);
}
