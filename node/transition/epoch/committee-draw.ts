import { drawRank } from "#protocol/digests/consensus.ts";
import { MAX_COMMITTEE } from "#protocol/params/limits.ts";
import { compareBytes } from "#protocol/types/codec.ts";
import type { Committee } from "#protocol/types/committee.ts";
import { transitionError } from "../errors.ts";
import { countParameter } from "../parameters.ts";
import type { NodeRecord } from "../records.ts";
import type { State } from "../state.ts";
import { isStaked } from "./eligibility.ts";

/** Fewest members that tolerate one fault. */
export const MIN_COMMITTEE = 4;

/** The committee of the next epoch by the seed of the next epoch (TRN-DRAW). Members ascending, power 1 each. */
export function drawCommittee(state: State, seed: Uint8Array): Committee {
  const size = Math.max(MIN_COMMITTEE, Math.min(countParameter(state, "committeeSize"), MAX_COMMITTEE));
  const candidates = draftable(state);
  const outgoing = state.committee().members.map((member) => member.nodeId);
  const ids = candidates ? rotate(rank(state, candidates, seed), size, new Set(outgoing)) : outgoing;
  return {
    epoch: state.epoch + 1,
    members: [...ids].sort((a, b) => a - b).map((nodeId) => seat(state, nodeId)),
  };
}

/**
 * Who may be drawn, by the first of these floors that at least 4 nodes pass: in the snapshot of the epoch before, still
 * staked and opted in; staked and opted in; staked. Undefined when none does: the old committee stays.
 */
function draftable(state: State): number[] | undefined {
  const snapshot = new Set(state.eligible.value);
  const staked = state.nodeTable.values().filter((node) => isStaked(state, node));
  const floors: ((node: NodeRecord) => boolean)[] = [
    (node) => node.optedIn === 1 && snapshot.has(node.nodeId),
    (node) => node.optedIn === 1,
    () => true,
  ];
  for (const floor of floors) {
    const passing = staked.filter(floor);
    if (passing.length >= MIN_COMMITTEE) return passing.map((node) => node.nodeId);
  }
  return undefined;
}

/** Lowest H(seed ‖ nodeId) first. */
function rank(state: State, nodeIds: number[], seed: Uint8Array): number[] {
  return nodeIds
    .map((nodeId) => ({ nodeId, rank: drawRank(state.network.networkId, "committee", seed, nodeId) }))
    .sort((a, b) => compareBytes(a.rank, b.rank))
    .map((entry) => entry.nodeId);
}

/** The best `size` of `ranked`; when that is the outgoing set, the best outsider takes the worst member's seat. */
function rotate(ranked: number[], size: number, outgoing: ReadonlySet<number>): number[] {
  const drawn = ranked.slice(0, size);
  const unchanged = drawn.length === outgoing.size && drawn.every((nodeId) => outgoing.has(nodeId));
  const outsider = ranked.find((nodeId) => !outgoing.has(nodeId));
  return unchanged && outsider !== undefined ? [...drawn.slice(0, -1), outsider] : drawn;
}

function seat(state: State, nodeId: number): Committee["members"][number] {
  const node = state.nodeTable.get(String(nodeId));
  const old = state.committee().members.find((member) => member.nodeId === nodeId);
  const keys = node ?? old;
  if (!keys) throw transitionError("ERR_STATE_INCONSISTENT", "a drawn node has no key", { nodeId });
  return { nodeId, keyVersion: keys.keyVersion, power: 1, consensusKey: keys.consensusKey };
}
