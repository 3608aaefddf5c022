import { countParameter, requireParameter } from "../parameters.ts";
import type { NodeRecord } from "../records.ts";
import type { State } from "../state.ts";

/** Registered with at least the minimum stake of this epoch (wei). */
export function isStaked(state: State, node: NodeRecord): boolean {
  return node.stake >= requireParameter(state, "minStake");
}

/**
 * Snapshot for the draw after next (TRN-ELIGIBLE): staked for `eligibilityEpochs` full epochs before `nextEpoch`, and
 * opted in. nodeIds ascending.
 */
export function snapshotEligible(state: State, nextEpoch: number): number[] {
  const age = countParameter(state, "eligibilityEpochs");
  return state.nodeTable
    .values()
    .filter((node) => node.optedIn === 1 && isStaked(state, node) && nextEpoch - node.stakedSince >= age)
    .map((node) => node.nodeId)
    .sort((a, b) => a - b);
}
