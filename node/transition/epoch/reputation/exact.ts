/**
 * All the trust there is. A part of it is a whole number of 2⁻⁵²; no sum of parts is above the whole, so doubles hold and
 * add them exactly on every machine (REP-EXACT).
 */
export const WHOLE: number = 2 ** 52;
const HALF_BITS = 2 ** 26;
/** 100 % of a rate or component */
export const FULL = 10_000;

/** ⌊part · share / WHOLE⌋ for part, share ≤ WHOLE: by halves, of which no product or sum reaches 2⁵³. */
export function shareOf(part: number, share: number): number {
  const partLow = part % HALF_BITS;
  const partHigh = (part - partLow) / HALF_BITS;
  const shareLow = share % HALF_BITS;
  const shareHigh = (share - shareLow) / HALF_BITS;
  const middle = partHigh * shareLow + partLow * shareHigh + Math.floor((partLow * shareLow) / HALF_BITS);
  return partHigh * shareHigh + Math.floor(middle / HALF_BITS);
}

/** ⌊part · rate / FULL⌋ for part ≤ WHOLE, rate ≤ FULL. */
export function rateOf(part: number, rate: number): number {
  const rest = part % FULL;
  return ((part - rest) / FULL) * rate + Math.floor((rest * rate) / FULL);
}

/** ⌊part / by⌋: the remainder of doubles is exact, and so is a division that has none. */
export function quotient(part: number, by: number): number {
  return (part - (part % by)) / by;
}

/** Parts of WHOLE proportional to `weights`, together exactly WHOLE; even parts when all weights are 0. */
export function partition(weights: readonly bigint[]): Float64Array {
  const sum = weights.reduce((total, weight) => total + weight, 0n);
  const whole = BigInt(WHOLE);
  const parts = Float64Array.from(weights, (weight) =>
    sum === 0n ? quotient(WHOLE, weights.length) : Number((weight * whole) / sum),
  );
  const left = WHOLE - parts.reduce((total, part) => total + part, 0);
  const first = indexOfLargest(parts);
  if (first >= 0) parts[first] = (parts[first] as number) + left;
  return parts;
}

/** The first of the largest; -1 when there is none. */
export function indexOfLargest(values: Float64Array): number {
  let best = -1;
  for (let i = 0; i < values.length; i++) {
    if (best < 0 || (values[i] as number) > (values[best] as number)) best = i;
  }
  return best;
}
