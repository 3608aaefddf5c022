import type { RatedNode } from "#node/transition/epoch/reputation/aggregate.ts";
import type { ReporterEntries } from "#node/transition/epoch/reputation/observations.ts";
import { NEW_STANDING } from "#node/transition/epoch/reputation/standing.ts";
import type { PeerReport } from "#protocol/types/reputation.ts";
import { Rng } from "../support/rng.ts";

const FLK = 10n ** 18n;
const BAD_EVERY = 10;

export interface ReportedNetwork {
  nodes: RatedNode[];
  reports: ReporterEntries[];
}

/** A network in its second epoch: each node reports on `reports` others, one node in ten serves badly. */
export function sampleNetwork(nodes: number, reports: number): ReportedNetwork {
  const random = new Rng(nodes);
  return {
    nodes: Array.from({ length: nodes }, (_, nodeId) => ({
      nodeId,
      stake: BigInt(1_000 + random.below(9_000)) * FLK,
      revenue: BigInt(random.below(1_000_000_000)),
      standing: { ...NEW_STANDING, measured: 1 },
    })),
    reports: Array.from({ length: nodes }, (_, reporter) => ({
      reporter,
      peers: Array.from({ length: Math.min(reports, nodes - 1) }, (_, i) =>
        report((reporter + (i + 1) * 7) % nodes, random),
      ),
    })),
  };
}

/**
 * Trust in it converges no faster than damping makes it: all stake is in one half of the nodes, and each has something to say
 * of those in the other half only. Nobody contradicts anybody.
 */
export function slowNetwork(nodes: number, reports: number): ReportedNetwork {
  return {
    nodes: Array.from({ length: nodes }, (_, nodeId) => ({
      nodeId,
      stake: nodeId % 2 === 0 ? FLK ** 2n : 1n,
      revenue: 0n,
      standing: { ...NEW_STANDING, measured: 1 },
    })),
    reports: Array.from({ length: nodes }, (_, reporter) => ({
      reporter,
      peers: Array.from({ length: Math.min(reports, nodes - 1) }, (_, i) => ({
        node: (reporter + i + 1) % nodes,
        ...(i % 2 === 0 ? SERVED : UNSEEN),
      })),
    })),
  };
}

const UNSEEN = { probes: 0, reached: 0, answered: 0, failed: 0, wrong: 0, latencyUs: 0, throughput: 0 };
const SERVED = { ...UNSEEN, probes: 48, reached: 48, answered: 100, latencyUs: 5_000, throughput: 5_000 };

function report(node: number, random: Rng): PeerReport {
  const requests = 50 + random.below(100);
  const wrong = node % BAD_EVERY === 0 ? Math.floor(requests / 5) : random.below(2);
  return {
    node,
    probes: 48,
    reached: 44 + random.below(5),
    answered: requests - wrong,
    failed: random.below(3),
    wrong,
    latencyUs: 5_000 + random.below(200_000),
    throughput: 500 + random.below(20_000),
  };
}
