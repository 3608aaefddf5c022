/** Two-sided Student's t at 95 % by degrees of freedom, one less than there are seeds; of more than 20 seeds that of 20, which is a little larger. */
const T_95: readonly number[] = [
  ...[Number.POSITIVE_INFINITY, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262],
  ...[2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093],
];

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
  const t = T_95[Math.min(n, T_95.length) - 1] ?? Number.POSITIVE_INFINITY;
  return { mean, error: t * Math.sqrt(variance / n) };
}
