import { clientError } from "./errors.ts";

const U64_MAX = 2n ** 64n - 1n;

/** What the chain has 64 bits for; bytes alone would hold another number. @throws ERR_AMOUNT */
export function assertU64(value: bigint, name: string): void {
  if (value < 0n || value > U64_MAX)
    throw clientError("ERR_AMOUNT", `${name} must be 0 to ${U64_MAX}, is ${value}`, { name, value });
}
