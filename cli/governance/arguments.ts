import { type AbiParameter, isAddress, isHex } from "viem";
import { cliError } from "../errors.ts";

/** What viem encodes. */
type Value = bigint | number | boolean | string | Value[] | { [name: string]: Value };

/**
 * One argument of a call, from a word or from JSON: whole numbers (as decimal strings where they are large), true or false,
 * 0x hex, text; lists and structs as JSON.
 * @throws ERR_CALL naming the argument, unless it is a value of its type
 */
export function readArgument(parameter: AbiParameter, given: unknown, name: string): Value {
  const list = /^(.*)\[(\d*)\]$/.exec(parameter.type);
  const value = typeof given === "string" && (list || parameter.type === "tuple") ? json(given, name) : given;
  if (list) {
    const [, type = "", length] = list;
    const fits = Array.isArray(value) && (length === "" || value.length === Number(length));
    if (!fits) throw wrong(name, parameter, "a JSON list");
    return value.map((entry, i) => readArgument({ ...parameter, type }, entry, `${name}[${i}]`));
  }
  if (parameter.type === "tuple") return readStruct(parameter, value, name);
  return readWord(parameter, value, name);
}

function readStruct(parameter: AbiParameter, value: unknown, name: string): Value {
  const fields = "components" in parameter ? parameter.components : [];
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wrong(name, parameter, `a JSON object of ${fields.map((field) => field.name).join(", ")}`);
  }
  const given = value as Record<string, unknown>;
  const known = fields.map((field) => field.name ?? "");
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw cliError("ERR_CALL", `${name}.${unknown} is no field; there are ${known.join(", ")}`, { name });
  }
  const read = fields.map((field): [string, Value] => {
    const key = field.name ?? "";
    return [key, readArgument(field, given[key], `${name}.${key}`)];
  });
  return Object.fromEntries(read);
}

function readWord(parameter: AbiParameter, value: unknown, name: string): Value {
  const { type } = parameter;
  if (/^u?int\d*$/.test(type)) return readNumber(parameter, value, name);
  if (type === "bool") {
    if (value === true || value === "true") return true;
    if (value === false || value === "false") return false;
    throw wrong(name, parameter, "true or false");
  }
  if (typeof value !== "string") throw wrong(name, parameter, "a text");
  if (type === "address" && !isAddress(value)) throw wrong(name, parameter, "an address");
  const bytes = /^bytes(\d*)$/.exec(type);
  if (bytes && !isBytes(value, bytes[1])) throw wrong(name, parameter, "0x and hex digits");
  return value;
}

function readNumber(parameter: AbiParameter, value: unknown, name: string): Value {
  const text = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== "string" || !/^-?\d{1,78}$/.test(text)) {
    throw wrong(name, parameter, "a whole number (a large one as a decimal string)");
  }
  const number = BigInt(text);
  const signed = parameter.type.startsWith("int");
  const bits = BigInt(/\d+$/.exec(parameter.type)?.[0] ?? 256) - (signed ? 1n : 0n);
  const min = signed ? -(1n << bits) : 0n;
  if (number < min || number >= 1n << bits) throw wrong(name, parameter, "in the range of its type");
  // viem takes small integers as numbers and large ones as bigints
  return bits <= 48n ? Number(number) : number;
}

function isBytes(value: string, size: string | undefined): boolean {
  if (!isHex(value) || value.length % 2 !== 0) return false;
  return !size || value.length === 2 + 2 * Number(size);
}

function json(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw cliError("ERR_CALL", `${name} is not JSON: ${text}`, { name }, cause);
  }
}

function wrong(name: string, { type }: AbiParameter, expected: string): Error {
  return cliError("ERR_CALL", `${name} (${type}) must be ${expected}`, { name, type });
}
