import { countParameter, requireParameter } from "../parameters.ts";
import type { NodeRecord } from "../records.ts";
import type { State } from "../state.ts";

/** Registered with at least the minimum stake of this epoch (wei). */
export function isStaked(state: State, node: NodeRecord): boolean {
  return node.stake >= requireParameter(state, "minStake");
}

/** Opted in, and staked for `eligibilityEpochs` whole epochs before `nextEpoch`, or from the start of the network. */
export function isCandidate(state: State, node: NodeRecord, nextEpoch: number): boolean {
  const age = countParameter(state, "eligibilityEpochs");
  const isSeasoned = node.stakedFrom === 0 || nextEpoch - node.stakedFrom >= age;
  return node.optedIn === 1 && isSeasoned && isStaked(state, node);
}

/** Snapshot for the draw after next (TRN-ELIGIBLE): candidates that are not out by a floor. nodeIds ascending. */
export function snapshotEligible(state: State, nextEpoch: number): number[] {
  const isOut = (node: NodeRecord) => state.reputation.standings.get(String(node.nodeId))?.out === 1;
  return state.nodeTable
    .values()
    .filter((node) => isCandidate(state, node, nextEpoch) && !isOut(node))
    .map((node) => node.nodeId)
    .sort((a, b) => a - b);
}
