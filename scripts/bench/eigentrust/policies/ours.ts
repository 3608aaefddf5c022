import { aggregate, type ReputationRules } from "#node/transition/epoch/reputation/aggregate.ts";
import { NEW_STANDING, type Standing, scoreOf } from "#node/transition/epoch/reputation/standing.ts";
import { NEWCOMER_SHARE } from "#protocol/choice/weighted-draw.ts";
import { MAX_REPORTED_PEERS } from "#protocol/params/limits.ts";
import type { PeerReport } from "#protocol/types/reputation.ts";
import type { Threat } from "../threats.ts";
import { pretrustOf } from "./plain-eigentrust.ts";
import type { PolicyKind, Rating } from "./policy.ts";

export const RULES: ReputationRules = { damping: 2_000, rise: 3_000, fall: 7_000, priorDecay: 1_000 };
const STAKE = 10 ** 9;

/** The protocol's: scores of `node/transition`, chosen by their square. No client's payment is evidence here. */
export const ours: PolicyKind = {
  name: "flk",
  make(threat, nodes) {
    const stakes = stakesOf(threat, nodes);
    const standings: (Standing | undefined)[] = new Array(nodes).fill(undefined);
    return {
      choice: () => ({
        weights: Float64Array.from(standings, (standing) => scoreOf(standing ?? NEW_STANDING) ** 2),
        unknown: Uint8Array.from(standings, (standing) => (standing?.measured === 1 ? 0 : 1)),
        unknownShare: NEWCOMER_SHARE,
      }),
      close({ ratings, renamed }) {
        const rated = stakes.map((stake, nodeId) => ({
          nodeId,
          stake,
          revenue: 0n,
          standing: standings[nodeId],
        }));
        const reports = ratings.map((peers, reporter) => ({ reporter, peers: reportOf(peers) }));
        for (const { nodeId, standing } of aggregate(rated, reports, RULES)) standings[nodeId] = standing;
        for (const node of renamed) standings[node] = undefined;
      },
    };
  },
};

function stakesOf(threat: Threat, nodes: number): bigint[] {
  return [...pretrustOf(threat, nodes)].map((part) => BigInt(Math.round(part * STAKE)));
}

function reportOf(ratings: Rating[]): PeerReport[] {
  return [...ratings]
    .sort((a, b) => b.good + b.bad - a.good - a.bad || a.node - b.node)
    .slice(0, MAX_REPORTED_PEERS)
    .map(({ node, good, bad }) => ({
      ...{ node, answered: good, wrong: bad, failed: 0 },
      ...{ probes: 0, reached: 0, latencyUs: 0, throughput: 0 },
    }));
}
