import type { Hex } from "viem";

/** An address as the store keys it. */
export function lower(address: Hex): Hex {
  return address.toLowerCase() as Hex;
}
