import { countParameter, requireParameter } from "../parameters.ts";
import type { NodeRecord } from "../records.ts";
import type { State } from "../state.ts";

/** Registered with at least the minimum stake of this epoch (wei). */
export function isStaked(state: State, node: NodeRecord): boolean {
  return node.stake >= requireParameter(state, "minStake");
}

/**
 * Snapshot for the draw after next (TRN-ELIGIBLE): staked for `eligibilityEpochs` whole epochs before `nextEpoch`, or
 * from the start of the network, opted in, and not out by a floor. nodeIds ascending.
 */
export function snapshotEligible(state: State, nextEpoch: number): number[] {
  const age = countParameter(state, "eligibilityEpochs");
  const seasoned = (node: NodeRecord) => node.stakedFrom === 0 || nextEpoch - node.stakedFrom >= age;
  const isOut = (node: NodeRecord) => state.reputation.standings.get(String(node.nodeId))?.out === 1;
  return state.nodeTable
    .values()
    .filter((node) => node.optedIn === 1 && isStaked(state, node) && seasoned(node) && !isOut(node))
    .map((node) => node.nodeId)
    .sort((a, b) => a - b);
}
