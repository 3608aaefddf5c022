import { minBigint } from "#protocol/types/bigint.ts";
import { agreedBad, credibilityOf, reporterWeights, weightedMeans } from "./consensus.ts";
import { type EigenTrust, eigenTrust } from "./eigentrust.ts";
import { FULL, partition, quotient, rateOf, WHOLE } from "./exact.ts";
import { collect, NOTHING, type Observations, qualityOf, type ReporterEntries } from "./observations.ts";
import { type Components, NEW_STANDING, type SmoothingRules, type Standing, smooth } from "./standing.ts";

/** Reporters must hold the trust of so many average nodes, or of half the others, to lower a component, and to raise it. */
const NODES_TO_LOWER = 4;
const NODES_TO_RAISE = 16;
/** So much of the mean of what nodes are given is full trust, of FULL. */
const FULL_TRUST = 7_500;
/** The first round finds who is credible with the trust of the epoch before, the second weighs them by this epoch's. */
const ROUNDS = 2;
/** Credibility comes back so many times slower than a component. */
const CREDIBILITY_SLOWNESS = 4;

export interface RatedNode {
  nodeId: number;
  /** wei */
  stake: bigint;
  /** micro-USD that clients paid for its work in this epoch */
  revenue: bigint;
  /** absent: new */
  standing?: Standing | undefined;
}

export interface ReputationRules extends SmoothingRules {
  /** a of EigenTrust, of FULL */
  damping: number;
}

export interface Outcome {
  nodeId: number;
  standing: Standing;
  /** reports that counted for it */
  reporters: number;
}

/** Reputation at the end of an epoch (REP-AGGREGATE). Never throws for what nodes or reporters say. */
export function aggregate(
  nodes: readonly RatedNode[],
  reports: readonly ReporterEntries[],
  rules: ReputationRules,
): Outcome[] {
  const indexes = new Map(nodes.map(({ nodeId }, index) => [nodeId, index]));
  const before = nodes.map(({ standing }) => standing ?? NEW_STANDING);
  const seen = collect(indexes, reports);
  const pretrust = partition(pretrustWeights(nodes));
  const { trust, given, credibility, weights } = judge(seen, pretrust, before, rules);
  const behind = trustBehind(seen, trust, credibility);
  const behindColumns = {
    latency: trustBehind(seen, trust, credibility, seen.latency),
    uptime: trustBehind(seen, trust, credibility, seen.uptime),
    throughput: trustBehind(seen, trust, credibility, seen.throughput),
    success: trustBehind(seen, trust, credibility, seen.bad),
    trust: behind,
  };
  const lowering = neededTrust(nodes.length, NODES_TO_LOWER);
  const raising = neededTrust(nodes.length, NODES_TO_RAISE);
  const components = componentsOf(seen, weights, given);
  const reporters = reportersOf(seen);
  return nodes.map(({ nodeId }, index) => {
    const old = before[index] as Standing;
    const now = components(index);
    const smoothed = (key: keyof Components): number => {
      const word = behindColumns[key][index] as number;
      return smooth(
        old[key],
        word >= lowering ? now[key] : NOTHING,
        word >= raising ? rules : { ...rules, rise: 0 },
      );
    };
    return {
      nodeId,
      reporters: reporters[index] as number,
      standing: {
        latency: smoothed("latency"),
        uptime: smoothed("uptime"),
        throughput: smoothed("throughput"),
        success: smoothed("success"),
        trust: smoothed("trust"),
        credibility: credibility[index] as number,
        share: trust[index] as number,
        measured: old.measured === 1 || (behind[index] as number) >= lowering ? 1 : 0,
      },
    };
  });
}

/**
 * Stake, and up to as much again for work that clients paid: all of it from the node's part of the stake on (REP-PRETRUST).
 * Faked work costs what the split takes, and at most doubles a weight.
 */
export function pretrustWeights(nodes: readonly RatedNode[]): bigint[] {
  const stake = nodes.reduce((sum, node) => sum + node.stake, 0n);
  const revenue = nodes.reduce((sum, node) => sum + node.revenue, 0n);
  return nodes.map((node) => {
    const own = node.stake * revenue;
    const worked = node.revenue * stake;
    return revenue === 0n ? node.stake : own + minBigint(worked, own);
  });
}

function judge(
  seen: Observations,
  pretrust: Float64Array,
  before: readonly Standing[],
  rules: ReputationRules,
): EigenTrust & { credibility: Uint16Array; weights: Float64Array } {
  const slow = { ...rules, rise: Math.floor(rules.rise / CREDIBILITY_SLOWNESS) };
  const past = Uint16Array.from(before, ({ credibility }) => credibility);
  const prior = pretrust.map((part, i) => quotient(part + (before[i] as Standing).share, 2));
  let weights = reporterWeights(prior, past);
  for (let round = 1; ; round++) {
    const consensus = agreedBad(seen, weights);
    const now = credibilityOf(seen, consensus);
    const credibility = now.map((value, i) => smooth(past[i] as number, value, slow));
    const result = eigenTrust({ local: seen, pretrust, damping: rules.damping, credibility });
    weights = reporterWeights(result.trust, credibility);
    if (round === ROUNDS) return { ...result, credibility, weights };
  }
}

/** By node: the credible trust of its reporters that have a value in `column`, parts of WHOLE; of all without one. */
function trustBehind(
  seen: Observations,
  trust: Float64Array,
  credibility: Uint16Array,
  column?: Uint16Array,
): Float64Array {
  const nodes = trust.length;
  const behind = new Float64Array(nodes);
  for (let i = 0; i < nodes; i++) {
    const word = rateOf(trust[i] as number, credibility[i] as number);
    const end = seen.rows[i + 1] as number;
    for (let entry = seen.rows[i] as number; entry < end; entry++) {
      if (column?.[entry] === NOTHING) continue;
      const subject = seen.subjects[entry] as number;
      behind[subject] = (behind[subject] as number) + word;
    }
  }
  return behind;
}

/** The trust of `count` average nodes, or of half the others when that is less; never 0. */
function neededTrust(nodes: number, count: number): number {
  return Math.max(1, quotient(WHOLE, 2 * Math.max(1, nodes)) * Math.min(2 * count, nodes - 1));
}

function componentsOf(
  seen: Observations,
  weights: Float64Array,
  given: Float64Array,
): (index: number) => Components {
  const bad = agreedBad(seen, weights);
  const uptime = weightedMeans(seen, seen.uptime, weights);
  const latency = weightedMeans(seen, seen.latency, weights);
  const throughput = weightedMeans(seen, seen.throughput, weights);
  const mean = quotient(
    given.reduce((sum, part) => sum + part, 0),
    Math.max(1, given.length),
  );
  const unit = Math.max(1, quotient(rateOf(mean, FULL_TRUST), FULL));
  return (index) => ({
    latency: latency[index] as number,
    uptime: uptime[index] as number,
    throughput: throughput[index] as number,
    success: bad[index] === NOTHING ? NOTHING : qualityOf(bad[index] as number),
    trust: Math.min(FULL, quotient(given[index] as number, unit)),
  });
}

function reportersOf(seen: Observations): Uint32Array {
  const reporters = new Uint32Array(seen.rows.length - 1);
  const end = seen.rows.at(-1) as number;
  for (let entry = 0; entry < end; entry++) {
    const subject = seen.subjects[entry] as number;
    reporters[subject] = (reporters[subject] as number) + 1;
  }
  return reporters;
}
