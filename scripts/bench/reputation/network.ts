import type { RatedNode } from "#node/transition/epoch/reputation/aggregate.ts";
import type { ReporterEntries } from "#node/transition/epoch/reputation/observations.ts";
import { NEW_STANDING } from "#node/transition/epoch/reputation/standing.ts";
import type { PeerReport } from "#protocol/types/reputation.ts";
import { Rng } from "../support/rng.ts";

const FLK = 10n ** 18n;
const BAD_EVERY = 10;

/** A network in its second epoch: each node reports on `reports` others, one node in ten serves badly. */
export function sampleNetwork(
  nodes: number,
  reports: number,
): { nodes: RatedNode[]; reports: ReporterEntries[] } {
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
