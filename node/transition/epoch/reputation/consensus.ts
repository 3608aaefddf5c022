import { FULL, quotient, rateOf, WHOLE } from "./exact.ts";
import { CERTAIN, NOTHING, type Observations } from "./observations.ts";

/** Weight of a reporter with all the trust; one with none still has 1. Sums of weight · 2 FULL stay below 2⁴⁰. */
const TOP_WEIGHT = 2 ** 24;
/** Of FULL: what a rate may be off before it costs, and what the mean of the excess costs. */
const TOLERANCE = 2_500;
const PENALTY = 8;

/** How much each reporter's word weighs, by its trust and credibility. */
export function reporterWeights(trust: Float64Array, credibility: Uint16Array): Float64Array {
  return trust.map((part, i) => 1 + quotient(rateOf(part, credibility[i] as number), WHOLE / TOP_WEIGHT));
}

/**
 * By subject: the mean of a column, of FULL, by the weight of who says it; NOTHING where none is. How many requests are
 * behind a word does not count here: liars claim any number.
 */
export function weightedMeans(
  observations: Observations,
  column: Uint16Array,
  weights: Float64Array,
): Uint16Array {
  const nodes = weights.length;
  const sums = new Float64Array(nodes);
  const totals = new Float64Array(nodes);
  for (let i = 0; i < nodes; i++) {
    const weight = weights[i] as number;
    const end = observations.rows[i + 1] as number;
    for (let entry = observations.rows[i] as number; entry < end; entry++) {
      const value = column[entry] as number;
      if (value === NOTHING) continue;
      const subject = observations.subjects[entry] as number;
      sums[subject] = (sums[subject] as number) + weight * value;
      totals[subject] = (totals[subject] as number) + weight;
    }
  }
  return Uint16Array.from(totals, (total, j) => (total === 0 ? NOTHING : quotient(sums[j] as number, total)));
}

/**
 * Credibility by reporter, of FULL (REP-CREDIBLE). Only what is off by more than TOLERANCE counts, less for few requests,
 * which are noise: the weighted mean of that excess is what is lost, PENALTY times.
 */
export function credibilityOf(observations: Observations, consensus: Uint16Array): Uint16Array {
  const result = new Uint16Array(consensus.length);
  for (let i = 0; i < result.length; i++) {
    let excess = 0;
    let total = 0;
    const end = observations.rows[i + 1] as number;
    for (let entry = observations.rows[i] as number; entry < end; entry++) {
      const said = observations.bad[entry] as number;
      const agreed = consensus[observations.subjects[entry] as number] as number;
      if (said === NOTHING || agreed === NOTHING) continue;
      const evidence = observations.evidence[entry] as number;
      const off = quotient(Math.abs(said - agreed) * evidence, CERTAIN);
      excess += evidence * Math.max(0, off - TOLERANCE);
      total += evidence;
    }
    const lost = total === 0 ? 0 : Math.floor((PENALTY * excess) / total);
    result[i] = Math.max(0, FULL - lost);
  }
  return result;
}
