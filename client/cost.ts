import { PRICE_UNITS } from "#protocol/params/limits.ts";

/** micro-USD that `units` cost at most at `price`, micro-USD per 10^9 units: rounded up. */
export function costAtMost(price: bigint, units: bigint): bigint {
  return (price * units + PRICE_UNITS - 1n) / PRICE_UNITS;
}
