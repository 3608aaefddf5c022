import type { RatedNode, ReputationRules } from "#node/transition/epoch/reputation/aggregate.ts";
import type { ReporterEntries } from "#node/transition/epoch/reputation/observations.ts";
import type { Standing } from "#node/transition/epoch/reputation/standing.ts";
import type { PeerReport } from "#protocol/types/reputation.ts";

export const RULES: ReputationRules = { damping: 2_000, rise: 3_000, fall: 7_000, priorDecay: 1_000 };

/** 100 requests, all answered. */
export function peer(node: number, change: Partial<PeerReport> = {}): PeerReport {
  const seen = { probes: 24, reached: 24, latencyUs: 20_000, throughput: 10_000 };
  return { node, answered: 100, failed: 0, wrong: 0, ...seen, ...change };
}

/** Nodes 0 to count − 1 with one stake. */
export function rated(count: number, standing?: (nodeId: number) => Standing | undefined): RatedNode[] {
  return Array.from({ length: count }, (_, nodeId) => ({
    nodeId,
    stake: 1_000n,
    revenue: 0n,
    standing: standing?.(nodeId),
  }));
}

/** Everyone of `count` on everyone else. */
export function everyone(
  count: number,
  entry: (reporter: number, node: number) => PeerReport = (_, node) => peer(node),
): ReporterEntries[] {
  const ids = Array.from({ length: count }, (_, i) => i);
  return ids.map((reporter) => ({
    reporter,
    peers: ids.filter((node) => node !== reporter).map((node) => entry(reporter, node)),
  }));
}
