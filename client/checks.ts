import { FlkError } from "#protocol/errors/error.ts";
import { clientError } from "./errors.ts";

const U64_MAX = 2n ** 64n - 1n;

/** What the chain has 64 bits for; bytes alone would hold another number. @throws ERR_AMOUNT */
export function assertU64(value: bigint | number, name: string): void {
  const whole = typeof value === "bigint" || Number.isSafeInteger(value);
  if (!whole || value < 0 || value > U64_MAX)
    throw clientError("ERR_AMOUNT", `${name} must be a whole number, 0 to ${U64_MAX}, is ${value}`, { name });
}

/** Of a parameter that cannot be meant. @throws ERR_REQUEST */
export function assertParameter(holds: boolean, message: string): void {
  if (!holds) throw new FlkError("ERR_REQUEST", message);
}
