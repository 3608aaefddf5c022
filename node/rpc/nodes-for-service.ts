import { blake3 } from "#crypto";
import type { ChainView, NodeView } from "#node/interface/chain-view.ts";
import { drawKey, NEWCOMER_SHARE } from "#protocol/choice/weighted-draw.ts";
import { INITIAL_REPUTATION } from "#protocol/params/limits.ts";

export interface OfferedNode {
  node: NodeView;
  newcomer: boolean;
}

type Chain = Pick<ChainView, "head" | "nodes" | "observed" | "parameter" | "standing">;

/**
 * Nodes that are staked and opted in, the best reputation first. More than `limit` are drawn anew with each block, by the square of
 * the score and a twentieth of them among newcomers: nobody stays off the list because others rank above it (REP-LIST).
 */
export function nodesForService(chain: Chain, limit: number): OfferedNode[] {
  const minStake = chain.parameter("minStake") ?? 0n;
  const offered = chain
    .nodes()
    .filter(({ stake, optedIn }) => optedIn && stake >= minStake)
    .map((node) => offeredNode(chain, node));
  const listed = offered.length > limit ? draw(offered, limit, chain.head().blockRoot) : offered;
  return listed.sort((a, b) => b.node.reputation - a.node.reputation || a.node.nodeId - b.node.nodeId);
}

/** Nobody measures who is not in the ring of this epoch: it counts as a newcomer, unless it was worse than one. */
function offeredNode(chain: Chain, node: NodeView): OfferedNode {
  if (chain.standing(node.nodeId)?.measured !== 1) return { node, newcomer: true };
  if (node.reputation < INITIAL_REPUTATION || chain.observed(node.nodeId).length > 0)
    return { node, newcomer: false };
  return { node: { ...node, reputation: INITIAL_REPUTATION }, newcomer: true };
}

function draw(offered: readonly OfferedNode[], limit: number, seed: Uint8Array): OfferedNode[] {
  const newcomers = offered.filter(({ newcomer }) => newcomer);
  const known = offered.filter(({ newcomer }) => !newcomer);
  const places = Math.floor(limit * NEWCOMER_SHARE + chance(seed, NOBODY));
  const kept = Math.max(places, limit - known.length);
  const ofNewcomers = lowest(newcomers, Math.min(kept, limit), ({ node }) => chance(seed, node.nodeId));
  const ofKnown = lowest(known, limit - ofNewcomers.length, ({ node }) =>
    drawKey(chance(seed, node.nodeId), node.reputation ** 2),
  );
  return [...ofNewcomers, ...ofKnown];
}

/** An id that no node has: for what is drawn once a block. */
const NOBODY = 2 ** 32 - 1;

function lowest(
  nodes: readonly OfferedNode[],
  count: number,
  keyOf: (node: OfferedNode) => number,
): OfferedNode[] {
  const keyed = nodes.map((node) => ({ node, key: keyOf(node) }));
  return keyed
    .sort((a, b) => (a.key === b.key ? a.node.node.nodeId - b.node.node.nodeId : a.key < b.key ? -1 : 1))
    .slice(0, count)
    .map(({ node }) => node);
}

/** in (0, 1): another one for each node and block */
function chance(seed: Uint8Array, nodeId: number): number {
  const input = new Uint8Array(seed.length + 4);
  input.set(seed);
  new DataView(input.buffer).setUint32(seed.length, nodeId);
  return (new DataView(blake3(input).buffer).getUint32(0) + 0.5) / 2 ** 32;
}
