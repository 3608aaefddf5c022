import { drawRank } from "#protocol/digests/consensus.ts";
import { MAX_REPORTED_PEERS } from "#protocol/params/limits.ts";
import { compareBytes } from "#protocol/types/codec.ts";
import type { State } from "../../state.ts";
import { isStaked } from "../eligibility.ts";

/**
 * Who observes whom in the epoch after the current one (REP-RING): nodes staked since before the current one opened, by
 * H(seed ‖ nodeId); each observes those that follow it. `seed` is made in the current epoch: who would stake the nodeIds
 * that it puts where they are wanted comes too late. So of a node's observers a coalition has its part of the nodes.
 */
export function drawRing(state: State, seed: Uint8Array): number[] {
  const { networkId } = state.network;
  return state.nodeTable
    .values()
    .filter((node) => node.stakedFrom <= state.epoch && isStaked(state, node))
    .map(({ nodeId }) => ({ nodeId, rank: drawRank(networkId, "ring", seed, nodeId) }))
    .sort((a, b) => compareBytes(a.rank, b.rank))
    .map(({ nodeId }) => nodeId);
}

/** Whom `nodeId` observes in the epoch of `ring`: none when it is not in it. */
export function observedBy(ring: readonly number[], nodeId: number): number[] {
  const at = positionsOf(ring).get(nodeId);
  if (at === undefined) return [];
  const count = Math.min(MAX_REPORTED_PEERS, ring.length - 1);
  return Array.from({ length: count }, (_, i) => ring[(at + 1 + i) % ring.length] as number);
}

/** Every report of an epoch asks for the same ring. */
const positions = new WeakMap<readonly number[], Map<number, number>>();

function positionsOf(ring: readonly number[]): Map<number, number> {
  let known = positions.get(ring);
  if (!known) {
    known = new Map(ring.map((nodeId, at) => [nodeId, at]));
    positions.set(ring, known);
  }
  return known;
}
