import { FlkError } from "#protocol/errors/error.ts";
import { MAX_U64 } from "#protocol/types/bigint.ts";
import { clientError } from "./errors.ts";

/** What the chain has 64 bits for; bytes alone would hold another number. @throws ERR_AMOUNT */
export function assertU64(value: bigint | number, name: string): void {
  const whole = typeof value === "bigint" || Number.isSafeInteger(value);
  if (!whole || value < 0 || value > MAX_U64)
    throw clientError("ERR_AMOUNT", `${name} must be a whole number, 0 to ${MAX_U64}, is ${value}`, { name });
}

/** Of a parameter that cannot be meant. @throws ERR_REQUEST */
export function assertParameter(holds: boolean, message: string): void {
  if (!holds) throw new FlkError("ERR_REQUEST", message);
}

/** What the chain has 32 bytes for. @throws ERR_REQUEST */
export function assertKey(key: Uint8Array, name: string): void {
  assertParameter(key.length === 32, `${name} must have 32 bytes, has ${key.length}`);
}

/** scheme, host and port of schemes whose origin the URL standard leaves to browsers, such as those of extensions and apps */
const OPAQUE_ORIGIN = /^(?!file:)[a-z][a-z\d+.-]*:\/\/(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/;

/** Whether browsers could send it as `Origin`: scheme, host, and port where it is not the scheme's own. */
export function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin } = new URL(text);
  return origin === "null" ? OPAQUE_ORIGIN.test(text) : origin === text;
}
