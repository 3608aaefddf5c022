/** A part of a run. */
export interface Window {
  /** ms as `now` gives them, inclusive */
  from: number;
  /** exclusive */
  to: number;
}

/** The value that `share` (0 to 1) of them do not exceed, nearest rank; undefined of none. */
export function percentile(sorted: Float64Array, share: number): number | undefined {
  if (sorted.length === 0) return undefined;
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** For JSON: null where there is no such number. */
export function round(value: number | undefined, digits: number): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Number(value.toFixed(digits));
}
