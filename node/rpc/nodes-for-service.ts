import type { ChainView, NodeView } from "#node/interface/chain-view.ts";
import { chanceOf, drawKey, NEWCOMER_SHARE } from "#protocol/choice/weighted-draw.ts";
import { INITIAL_REPUTATION } from "#protocol/params/limits.ts";
import { equalBytes } from "#protocol/types/codec.ts";

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
  const offer = offerOf(chain);
  return offer.all.length > limit ? draw(offer, limit).sort(bestFirst) : [...offer.all];
}

/** What all lists of one block are cut from. */
interface Offer {
  blockRoot: Uint8Array;
  /** the best reputation first */
  all: OfferedNode[];
  /** the lowest draw first */
  newcomers: OfferedNode[];
  known: OfferedNode[];
}

/** Of the last block that was asked about: to go through all nodes takes as long as a hundred lists. */
const offers = new WeakMap<Chain, Offer>();

function offerOf(chain: Chain): Offer {
  const { blockRoot } = chain.head();
  let offer = offers.get(chain);
  if (!offer || !equalBytes(offer.blockRoot, blockRoot)) {
    offer = makeOffer(chain, blockRoot);
    offers.set(chain, offer);
  }
  return offer;
}

function makeOffer(chain: Chain, blockRoot: Uint8Array): Offer {
  const minStake = chain.parameter("minStake") ?? 0n;
  const all = chain
    .nodes()
    .filter(({ stake, optedIn }) => optedIn && stake >= minStake)
    .map((node) => offeredNode(chain, node))
    .sort(bestFirst);
  const drawn = (newcomer: boolean, keyOf: (chance: number, node: NodeView) => number): OfferedNode[] =>
    lowestFirst(
      all.filter((offered) => offered.newcomer === newcomer),
      ({ node }) => keyOf(chanceOf(blockRoot, node.nodeId), node),
    );
  return {
    ...{ blockRoot, all },
    newcomers: drawn(true, (key) => key),
    known: drawn(false, (key, { reputation }) => drawKey(key, reputation ** 2)),
  };
}

function bestFirst(a: OfferedNode, b: OfferedNode): number {
  return b.node.reputation - a.node.reputation || a.node.nodeId - b.node.nodeId;
}

/** Nobody measures who is not in the ring of this epoch: it counts as a newcomer, unless it was worse than one. */
function offeredNode(chain: Chain, node: NodeView): OfferedNode {
  if (chain.standing(node.nodeId)?.measured !== 1) return { node, newcomer: true };
  if (node.reputation < INITIAL_REPUTATION || chain.observed(node.nodeId).length > 0)
    return { node, newcomer: false };
  return { node: { ...node, reputation: INITIAL_REPUTATION }, newcomer: true };
}

function draw({ blockRoot, newcomers, known }: Offer, limit: number): OfferedNode[] {
  const places = Math.floor(limit * NEWCOMER_SHARE + chanceOf(blockRoot, NOBODY));
  const kept = Math.max(places, limit - known.length);
  const ofNewcomers = newcomers.slice(0, Math.min(kept, limit));
  return [...ofNewcomers, ...known.slice(0, limit - ofNewcomers.length)];
}

/** An id that no node has: for what is drawn once a block. */
const NOBODY = 2 ** 32 - 1;

function lowestFirst(nodes: readonly OfferedNode[], keyOf: (node: OfferedNode) => number): OfferedNode[] {
  return nodes
    .map((node) => ({ node, key: keyOf(node) }))
    .sort((a, b) => (a.key === b.key ? a.node.node.nodeId - b.node.node.nodeId : a.key < b.key ? -1 : 1))
    .map(({ node }) => node);
}
