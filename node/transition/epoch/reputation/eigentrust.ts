import { FULL, indexOfLargest, quotient, rateOf, shareOf, WHOLE } from "./exact.ts";

/** Local trust by reporter: entries `rows[i]` to `rows[i + 1]` are what reporter i says. Values are whole numbers. */
export interface LocalTrust {
  rows: Uint32Array;
  subjects: Uint32Array;
  values: Uint16Array;
}

export interface EigenTrust {
  /** parts of WHOLE, together WHOLE */
  trust: Float64Array;
  /** of `trust`, what reporters gave: without pre-trust */
  given: Float64Array;
  iterations: number;
}

/**
 * In real numbers an iteration moves 2 (1 − a)ⁿ of all trust at most: the residual ends it at n = 103 for a = 0.2, at 218 for MIN_DAMPING. In
 * whole parts rounding may go on moving more than that in some graphs: then the first iteration that moves no less than the one before ends it.
 */
const MAX_ITERATIONS = 256;
/** parts of WHOLE: 2⁻³² of all trust moved in one iteration */
const RESIDUAL = 2 ** 20;

/**
 * t ← (1 − a) Cᵀ t + a p until it stands (REP-EIGEN). What a reporter without entries, or without credibility, would give
 * goes to pre-trust, and so does what no entry can have a whole part of: each iteration keeps the sum.
 */
export function eigenTrust(args: {
  local: LocalTrust;
  /** parts of WHOLE, together WHOLE */
  pretrust: Float64Array;
  /** a, of FULL */
  damping: number;
  /** of FULL, by reporter; full when absent */
  credibility?: Uint16Array;
  /** instead of pre-trust */
  start?: Float64Array;
  iterations?: number;
}): EigenTrust {
  const { local, pretrust, damping } = args;
  const nodes = pretrust.length;
  const sums = rowSums(local);
  const largest = indexOfLargest(pretrust);
  let trust = args.start ?? pretrust;
  let given = new Float64Array(nodes);
  const limit = args.iterations ?? MAX_ITERATIONS;
  let iterations = 0;
  let [before, moved] = [Number.POSITIVE_INFINITY, 2 * WHOLE];
  const moves = (): boolean => moved > RESIDUAL && moved < before;
  while (iterations < limit && (args.iterations !== undefined || moves())) {
    given = new Float64Array(nodes);
    let left = WHOLE;
    for (let i = 0; i < nodes; i++) {
      const sum = sums[i] as number;
      if (sum === 0) continue;
      const spread = rateOf(rateOf(trust[i] as number, FULL - damping), args.credibility?.[i] ?? FULL);
      const each = quotient(spread, sum);
      if (each === 0) continue;
      const end = local.rows[i + 1] as number;
      for (let entry = local.rows[i] as number; entry < end; entry++) {
        const subject = local.subjects[entry] as number;
        given[subject] = (given[subject] as number) + each * (local.values[entry] as number);
      }
      left -= each * sum;
    }
    const next = addPretrust(given, pretrust, left, largest);
    before = iterations === 0 ? Number.POSITIVE_INFINITY : moved;
    moved = distance(trust, next);
    trust = next;
    iterations++;
  }
  return { trust, given, iterations };
}

function rowSums(local: LocalTrust): Float64Array {
  const sums = new Float64Array(Math.max(0, local.rows.length - 1));
  for (let i = 0; i < sums.length; i++) {
    let sum = 0;
    const end = local.rows[i + 1] as number;
    for (let entry = local.rows[i] as number; entry < end; entry++) sum += local.values[entry] as number;
    sums[i] = sum;
  }
  return sums;
}

/** `left` by pre-trust; what rounding leaves goes to the node with most of it. */
function addPretrust(
  given: Float64Array,
  pretrust: Float64Array,
  left: number,
  largest: number,
): Float64Array {
  const next = new Float64Array(given.length);
  let rounding = left;
  for (let j = 0; j < next.length; j++) {
    const part = shareOf(left, pretrust[j] as number);
    next[j] = (given[j] as number) + part;
    rounding -= part;
  }
  if (largest >= 0) next[largest] = (next[largest] as number) + rounding;
  return next;
}

/** at most 2 · WHOLE */
function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += Math.abs((a[j] as number) - (b[j] as number));
  return sum;
}
