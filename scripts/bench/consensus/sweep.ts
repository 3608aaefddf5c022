import type { Figures } from "./measure.ts";

/** A rate counts as sustained when so much of it commits, and the p99 is below the limit. */
const SHARE = 0.97;
export const P99_LIMIT_MS = 2000;
/** The answer is exact to this share. */
const PRECISION = 0.1;
const MAX_RUNS = 12;

export function isSustained({ rate, committedTps, latencyMs, uncommitted, refused }: Figures): boolean {
  const p99 = latencyMs.p99 ?? Number.POSITIVE_INFINITY;
  return committedTps >= SHARE * rate && p99 < P99_LIMIT_MS && uncommitted === 0 && refused === 0;
}

/** Doubles the rate until it is not sustained, then halves the gap. Returns all runs, in order. */
export async function sweep(start: number, run: (rate: number) => Promise<Figures>): Promise<Figures[]> {
  const runs: Figures[] = [];
  let good = 0;
  let bad = Number.POSITIVE_INFINITY;
  let rate = start;
  while (runs.length < MAX_RUNS && good < (1 - PRECISION) * bad) {
    const figures = await run(rate);
    runs.push(figures);
    if (isSustained(figures)) good = rate;
    else bad = rate;
    rate = Math.round(bad === Number.POSITIVE_INFINITY ? 2 * good : (good + bad) / 2);
  }
  return runs;
}

/** The highest sustained one; undefined when none was. */
export function best(runs: readonly Figures[]): Figures | undefined {
  return runs.filter(isSustained).sort((a, b) => b.rate - a.rate)[0];
}
