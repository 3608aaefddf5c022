import { FULL, quotient, rateOf, WHOLE } from "./exact.ts";
import { CERTAIN, NOTHING, type Observations } from "./observations.ts";

/** Weight of a reporter with all the trust; one with none still has 1. Sums of weight · CERTAIN · 2 FULL stay below 2⁵⁰. */
const TOP_WEIGHT = 2 ** 24;
/** Of FULL: what a rate may be off before it costs, and what the mean of the excess costs. */
const TOLERANCE = 2_500;
const PENALTY = 8;

/** How much each reporter's word weighs, by its trust and credibility. */
export function reporterWeights(trust: Float64Array, credibility: Uint16Array): Float64Array {
  return trust.map((part, i) => 1 + quotient(rateOf(part, credibility[i] as number), WHOLE / TOP_WEIGHT));
}

/** By subject: the mean of a column, of FULL, by the weight of who says it; NOTHING where none is. */
export function weightedMeans(
  observations: Observations,
  column: Uint16Array,
  weights: Float64Array,
  voices?: Uint16Array,
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
      const word = weight * (voices ? (voices[entry] as number) : 1);
      sums[subject] = (sums[subject] as number) + word * value;
      totals[subject] = (totals[subject] as number) + word;
    }
  }
  return Uint16Array.from(totals, (total, j) => (total === 0 ? NOTHING : quotient(sums[j] as number, total)));
}

/**
 * What is agreed of each node's bad service (REP-CREDIBLE). A word of one request is half of one of many; it saturates soon,
 * because liars claim any number of them.
 */
export function agreedBad(observations: Observations, weights: Float64Array): Uint16Array {
  return weightedMeans(observations, observations.bad, weights, observations.voices);
}

/**
 * Credibility by reporter, of FULL (REP-CREDIBLE). Only what is off by more than TOLERANCE counts, less what chance explains: who asked n
 * times a node of which b is agreed may be off by b / n. What is left of the mean by evidence is what is lost, PENALTY times.
 */
export function credibilityOf(observations: Observations, consensus: Uint16Array): Uint16Array {
  const result = new Uint16Array(consensus.length);
  for (let i = 0; i < result.length; i++) {
    let excess = 0;
    let expected = 0;
    let total = 0;
    const end = observations.rows[i + 1] as number;
    for (let entry = observations.rows[i] as number; entry < end; entry++) {
      const said = observations.bad[entry] as number;
      const agreed = consensus[observations.subjects[entry] as number] as number;
      if (said === NOTHING || agreed === NOTHING) continue;
      const evidence = observations.evidence[entry] as number;
      excess += evidence * Math.max(0, Math.abs(said - agreed) - TOLERANCE);
      expected += evidence * quotient(agreed * (observations.noise[entry] as number), CERTAIN);
      total += evidence;
    }
    const unexplained = Math.max(0, excess - expected);
    const lost = total === 0 ? 0 : Math.floor((PENALTY * unexplained) / total);
    result[i] = Math.max(0, FULL - lost);
  }
  return result;
}
