import { aggregate, type RatedNode } from "#node/transition/epoch/reputation/aggregate.ts";
import type { ReporterEntries } from "#node/transition/epoch/reputation/observations.ts";
import { publicScore, type Standing } from "#node/transition/epoch/reputation/standing.ts";
import { MAX_REPORTED_PEERS } from "#protocol/params/limits.ts";
import { RULES } from "../eigentrust/policies/ours.ts";
import type { Rng } from "../support/rng.ts";

/** Mean round trips between and in regions, ms: SimBlock (Aoki et al. 2019), `LATENCY_2019`, without Australia. */
const REGIONS = ["North America", "Europe", "South America", "Asia Pacific", "Japan"] as const;
const ROUND_TRIPS = [
  [32, 124, 184, 198, 151],
  [124, 11, 227, 237, 252],
  [184, 227, 88, 325, 301],
  [198, 237, 325, 85, 58],
  [151, 252, 301, 58, 12],
] as const;
export const NODES = 100;
/** one node in ten */
const BAD_EVERY = 10;
/** of the answers of a bad node: wrong, and never given */
export const WRONG = 0.25;
export const SILENT = 0.25;
/** One good node in five also works for others, so that it does this part of a second's work in a second. */
const LOADED_EVERY = 5;
const LEFT_WHEN_LOADED = 1 / 4;
/** one node in ten wants more than the service pays */
const DEAR_EVERY = 10;
const EPOCHS = 4;
/** of each observer, per peer and epoch */
const QUESTIONS = 24;

/** `even`: nodes are alike but for the bad ones. `mixed`: some are busy with other work, some want a higher price. */
export const MIXES = ["even", "mixed"] as const;
export type Mix = (typeof MIXES)[number];

export interface SimNode {
  nodeId: number;
  region: number;
  bad: boolean;
  /** part of its time that is left for these clients */
  left: number;
  /** refuses at the price of the service */
  dear: boolean;
  reputation: number;
}

export const isBad = (nodeId: number): boolean => nodeId % BAD_EVERY === 3;
export const regionOf = (nodeId: number): number => Math.floor((nodeId * REGIONS.length) / NODES);

/** ms, with a tenth of noise either way */
export function roundTrip(from: number, to: number, random: Rng): number {
  return (ROUND_TRIPS[from]?.[to] ?? 0) * (0.9 + 0.2 * random.next());
}

/** 100 nodes whose scores come from a few epochs in which they observed each other. */
export function makeNodes(random: Rng, mix: Mix): SimNode[] {
  let standings: Standing[] = [];
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const rated: RatedNode[] = Array.from({ length: NODES }, (_, nodeId) => ({
      ...{ nodeId, stake: 1n, revenue: 0n },
      standing: standings[nodeId],
    }));
    const reports = rated.map(({ nodeId }) => observe(nodeId, epoch, random));
    standings = aggregate(rated, reports, RULES).map(({ standing }) => standing);
  }
  return standings.map((standing, nodeId) => ({
    nodeId,
    region: regionOf(nodeId),
    bad: isBad(nodeId),
    left: mix === "mixed" && nodeId % LOADED_EVERY === 1 ? LEFT_WHEN_LOADED : 1,
    dear: mix === "mixed" && nodeId % DEAR_EVERY === 7,
    reputation: publicScore(standing),
  }));
}

function observe(reporter: number, epoch: number, random: Rng): ReporterEntries {
  const offset = 1 + ((epoch * 17) % (NODES - MAX_REPORTED_PEERS));
  const peers = Array.from({ length: MAX_REPORTED_PEERS }, (_, i) => {
    const node = (reporter + offset + i) % NODES;
    const times = (probability: number): number =>
      Array.from({ length: QUESTIONS }, () => random.chance(probability)).filter(Boolean).length;
    const [wrong, failed] = isBad(node) ? [times(WRONG), times(SILENT)] : [0, 0];
    return {
      ...{ node, probes: QUESTIONS, reached: QUESTIONS - failed, wrong, failed },
      answered: Math.max(0, QUESTIONS - wrong - failed),
      latencyUs: Math.round(1_000 * roundTrip(regionOf(reporter), regionOf(node), random)),
      throughput: 8_000,
    };
  });
  return { reporter, peers };
}
