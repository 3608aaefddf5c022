import {
  aggregate,
  type RatedNode,
  type ReputationRules,
} from "#node/transition/epoch/reputation/aggregate.ts";
import { eigenTrust } from "#node/transition/epoch/reputation/eigentrust.ts";
import { FULL, partition, WHOLE } from "#node/transition/epoch/reputation/exact.ts";
import type { ReporterEntries } from "#node/transition/epoch/reputation/observations.ts";
import { publicScore, type Standing } from "#node/transition/epoch/reputation/standing.ts";
import type { PeerReport } from "#protocol/types/reputation.ts";

const RULES: ReputationRules = { damping: 2_000, rise: 3_000, fall: 7_000, priorDecay: 1_000 };
const FLK = 10n ** 18n;

interface Plain {
  source: string;
  local: number[][];
  pretrust: number[];
  start?: number[];
  /** of 10 000 */
  damping: number;
  iterations?: number;
  published: number[];
  /** how far from the limit the source stopped, or what its precision loses */
  within: number;
}

/** Its text says a = 1 % for the second, its command 10 %, and the values are those of the command. */
const KARMA = "Karma3Labs/go-eigentrust README: ek, vm, sd";
const KARMA_WITHIN = 3e-7;
const KARMA_LOCAL = [
  [0, 75, 100],
  [0, 0, 100],
  [0, 0, 0],
];
const KARMA_PRETRUST = [50, 100, 0];

/** The plain algorithm, against what others published. */
const PLAIN: Plain[] = [
  {
    source: KARMA,
    local: KARMA_LOCAL,
    pretrust: KARMA_PRETRUST,
    damping: 5_000,
    published: [0.21705427907166472, 0.4806201780180134, 0.3023255429103218],
    within: KARMA_WITHIN,
  },
  {
    source: KARMA,
    local: KARMA_LOCAL,
    pretrust: KARMA_PRETRUST,
    damping: 1_000,
    published: [0.16536739107782936, 0.39451931175281096, 0.4401132971693594],
    within: KARMA_WITHIN,
  },
  {
    source:
      "privacy-scaling-explorations/zk-eigentrust docs/4_algorithm.md: ten iterations in single precision",
    local: [
      [0, 2, 3, 5, 0],
      [1, 0, 1, 1, 7],
      [4, 1, 0, 2, 3],
      [1, 1, 7, 0, 1],
      [3, 1, 4, 2, 0],
    ],
    pretrust: [1, 1, 1, 1, 1],
    start: [1000, 2000, 500, 300, 200],
    damping: 0,
    iterations: 10,
    published: [817.4117, 437.8922, 1169.3523, 834.3715, 740.973],
    within: 2e-4 / 4_000,
  },
];

function localTrust(matrix: number[][]) {
  const entries = matrix.map((row) =>
    row.map((value, subject) => ({ value, subject })).filter(({ value }) => value),
  );
  return {
    rows: Uint32Array.from([0, ...entries.map((_, i) => entries.slice(0, i + 1).flat().length)]),
    subjects: Uint32Array.from(entries.flat(), ({ subject }) => subject),
    values: Uint16Array.from(entries.flat(), ({ value }) => value),
  };
}

function plainVector(plain: Plain) {
  const parts = (weights: number[]) => partition(weights.map(BigInt));
  const { trust } = eigenTrust({
    local: localTrust(plain.local),
    pretrust: parts(plain.pretrust),
    damping: plain.damping,
    ...(plain.start ? { start: parts(plain.start) } : {}),
    ...(plain.iterations ? { iterations: plain.iterations } : {}),
  });
  return { ...plain, trust: [...trust] };
}

function peer(node: number, change: Partial<PeerReport> = {}): PeerReport {
  const served = { answered: 90 + node, failed: node % 3, wrong: 0 };
  return {
    ...{ node, probes: 24, reached: 24 - (node % 2), latencyUs: 9_000 * node, throughput: 700 * node },
    ...served,
    ...change,
  };
}

function nodes(count: number, standing?: Standing): RatedNode[] {
  return Array.from({ length: count }, (_, i) => ({
    nodeId: i + 1,
    stake: BigInt(1_000 + 137 * i) * FLK,
    revenue: BigInt(i * 1_000_003),
    standing,
  }));
}

function everyone(count: number, entry: (reporter: number, node: number) => PeerReport): ReporterEntries[] {
  const ids = Array.from({ length: count }, (_, i) => i + 1);
  return ids.map((reporter) => ({
    reporter,
    peers: ids.filter((node) => node !== reporter).map((node) => entry(reporter, node)),
  }));
}

const SEASONED: Standing = {
  ...{ latency: 9_000, uptime: 9_900, throughput: 6_000, success: 9_500, trust: 10_000 },
  ...{ credibility: 9_000, share: 2 ** 48, measured: 1 },
};

function epochVector(name: string, rated: RatedNode[], reports: ReporterEntries[]) {
  return {
    name,
    nodes: rated.map(({ nodeId, stake, revenue, standing }) => ({
      nodeId,
      stake: String(stake),
      revenue: String(revenue),
      standing: standing ?? null,
    })),
    reports,
    outcomes: aggregate(rated, reports, RULES).map((outcome) => ({
      ...outcome,
      score: publicScore(outcome.standing),
    })),
  };
}

const BAD = 7;
const LIAR = 5;

/** Trust, credibility and scores of an epoch; trust in parts of 2^52, rates in parts of 10 000. */
export function eigentrustVectors() {
  const honest = (_: number, node: number) => peer(node, node === BAD ? { answered: 80, wrong: 20 } : {});
  const lying = (reporter: number, node: number) =>
    reporter === LIAR ? peer(node, node === BAD ? {} : { answered: 10, wrong: 90 }) : honest(reporter, node);
  return {
    whole: String(WHOLE),
    full: FULL,
    rules: RULES,
    plain: PLAIN.map(plainVector),
    epochs: [
      epochVector("one node of nine corrupts a fifth of its answers", nodes(9), everyone(9, honest)),
      epochVector("and another lies about everyone", nodes(9, SEASONED), everyone(9, lying)),
      epochVector(
        "probes only",
        nodes(4),
        everyone(4, (_, node) => peer(node, { answered: 0, failed: 0 })),
      ),
      epochVector("all silent", nodes(3, SEASONED), []),
      epochVector("two nodes", nodes(2), everyone(2, honest)),
      epochVector("one node", nodes(1), []),
    ],
  };
}
