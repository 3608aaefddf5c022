import { MIN_DAMPING } from "#protocol/params/limits.ts";
import { minBigint } from "#protocol/types/bigint.ts";
import { requireParameter } from "../parameters.ts";
import { StandingRecord } from "../records.ts";
import type { State } from "../state.ts";
import { applyFloors, outByFloors } from "./floors.ts";
import { aggregate, type RatedNode, type ReputationRules } from "./reputation/aggregate.ts";
import { FULL } from "./reputation/exact.ts";
import { decayed, publicScore } from "./reputation/standing.ts";

/** Turns the epoch's reports into standings and scores, and says who is out by a floor (REP-AGGREGATE, REP-FLOOR). */
export function rateNodes(state: State): void {
  for (const standing of newStandings(state)) {
    state.reputation.standings.put(standing);
    const node = state.nodeTable.get(String(standing.node));
    const reputation = publicScore(standing);
    if (node && node.reputation !== reputation) state.nodeTable.put({ ...node, reputation });
  }
  applyFloors(state, state.meta.value.epoch + 1);
}

/** What the close would make of the nodes with the reports that are there now, and who would be out. Changes nothing. */
export function expectedStandings(state: State): Map<number, StandingRecord> {
  const standings = new Map([...state.reputation.standings.values()].map((record) => [record.node, record]));
  for (const standing of newStandings(state)) standings.set(standing.node, standing);
  const out = outByFloors(state, [...standings.values()], state.meta.value.epoch + 1);
  for (const [node, standing] of standings) standings.set(node, { ...standing, out: out.has(node) ? 1 : 0 });
  return standings;
}

/** Of all whose standing the close changes. */
function newStandings(state: State): StandingRecord[] {
  const rules = reputationRules(state);
  const outcomes = aggregate(ratedNodes(state), state.reputation.reports.values(), rules);
  const rated = outcomes.map(({ nodeId, standing, reporters }) => {
    const out = state.reputation.standings.get(String(nodeId))?.out ?? 0;
    return { node: nodeId, ...standing, reporters, out };
  });
  return [...rated, ...unobserved(state, new Set(rated.map(({ node }) => node)), rules)];
}

/** Who was not in the ring was measured by nobody: to step out of it keeps no score (REP-PRIOR). */
function unobserved(state: State, rated: ReadonlySet<number>, rules: ReputationRules): StandingRecord[] {
  const changed: StandingRecord[] = [];
  for (const before of state.reputation.standings.values()) {
    if (rated.has(before.node)) continue;
    const now = { ...before, ...decayed(before, rules), reporters: 0, share: 0 };
    if (!StandingRecord.equals(before, now)) changed.push(now);
  }
  return changed;
}

/** Those in this epoch's ring, in the order of the table: who was not observed has nothing to be rated by. */
function ratedNodes(state: State): RatedNode[] {
  const revenue = new Map<number, bigint>();
  for (const work of state.work.values()) {
    revenue.set(work.node, (revenue.get(work.node) ?? 0n) + work.revenue);
  }
  const ring = new Set(state.reputation.ring.value);
  return state.nodeTable
    .values()
    .filter(({ nodeId }) => ring.has(nodeId))
    .map(({ nodeId, stake }) => ({
      nodeId,
      stake,
      revenue: revenue.get(nodeId) ?? 0n,
      standing: state.reputation.standings.get(String(nodeId)),
    }));
}

function reputationRules(state: State): ReputationRules {
  return {
    damping: Math.max(MIN_DAMPING, rate(state, "reputationDampingBps")),
    rise: rate(state, "reputationRiseBps"),
    fall: rate(state, "reputationFallBps"),
    priorDecay: rate(state, "reputationDecayBps"),
  };
}

/** Of FULL, whatever was voted. */
function rate(state: State, key: Parameters<typeof requireParameter>[1]): number {
  return Number(minBigint(requireParameter(state, key), BigInt(FULL)));
}
