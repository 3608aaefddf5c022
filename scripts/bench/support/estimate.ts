/** Two-sided Student's t at 95 % for 20 seeds is 2.093; with fewer it is larger, and so is the interval. */
const T_95 = [Number.POSITIVE_INFINITY, 12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];
const T_95_MORE = 2.262;
const T_95_20 = 2.093;

export interface Estimate {
  mean: number;
  /** half the 95 % interval over the seeds */
  error: number;
}

export function estimate(values: readonly number[]): Estimate {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, error: Number.POSITIVE_INFINITY };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const t = n >= 20 ? T_95_20 : (T_95[n - 1] ?? T_95_MORE);
  return { mean, error: t * Math.sqrt(variance / n) };
}
