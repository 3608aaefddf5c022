import { drawKey, NEWCOMER_SHARE } from "#protocol/choice/weighted-draw.ts";
import { COMMODITY } from "#protocol/types/ack.ts";
import type { NodeInfo } from "./get-node.ts";
import type { Offer } from "./get-offers.ts";

export interface RankedNode extends NodeInfo {
  /** nobody measured it yet: its reputation says nothing */
  newcomer: boolean;
}

export interface PickOptions {
  /** how many, all different */
  count: number;
  /** ms until a node answered, as the caller measured it: nodes that are nearer are chosen more often */
  near?: ReadonlyMap<number, number>;
  /** requests of the caller that a node still serves */
  load?: ReadonlyMap<number, number>;
  /** what `getOffers` brought; null: the node did not answer, and is chosen only when there is nobody else */
  offers?: ReadonlyMap<number, Offer | null>;
  /** what the caller itself saw of nodes lowers their weight, e.g. a `NodeMemory` */
  memory?: { factor(nodeId: number): number };
  /** micro-USD per 10^9 units that the service pays; nodes that want more by their offer are left out */
  price?: bigint;
  /** bandwidth when absent */
  commodity?: number;
  /** in [0, 1); Math.random when absent */
  random?: () => number;
}

/** ms: where the caller measured nothing, and what is added to every distance. */
const NEAR_MS = 20;
/** Weight falls with the fourth power of the distance. */
const NEARNESS_POWER = 4;
/** Nearness multiplies a weight by no more than this, against a node at the middle distance: a node may only seem to be near. */
const MOST_NEARNESS = 10;
/** Nodes nearer than this part of all count as near as the last of that part. */
const NEAREST = 1 / 10;
/** Nodes below this part of the usual score are not drawn while others are left, however near they are. */
const LEAST_SCORE = 1 / 2;
/** A node that is busy all the time counts a quarter of an idle one: what it says of itself moves no more than that. */
const BUSY_LOSES = 0.75;

/**
 * Draws nodes without repetition (REP-ROUTE): by the square of the score, nearness, the load that they state, over one and the caller's requests
 * that they serve; one draw in twenty goes to newcomers. Fewer than `count` when there are no more. Only when there is nobody else: nodes of less than
 * half of the usual score, then those whose offer says that they lack the content, then those of score 0 and those that did not answer.
 */
export function pickFrom(nodes: readonly RankedNode[], options: PickOptions): RankedNode[] {
  const random = options.random ?? Math.random;
  const taking = nodes.filter((node) => takesPrice(node, options));
  const weightOf = weights(taking, options);
  const least = leastScore(taking);
  const known: RankedNode[] = [];
  const newcomers: RankedNode[] = [];
  const low: RankedNode[] = [];
  const lacking: RankedNode[] = [];
  const rest: RankedNode[] = [];
  for (const node of taking) {
    if (weightOf(node) === 0) rest.push(node);
    else if (options.offers?.get(node.nodeId)?.holds === false) lacking.push(node);
    else if (node.newcomer) newcomers.push(node);
    else (node.reputation >= least ? known : low).push(node);
  }
  const own = (node: RankedNode): number => options.memory?.factor(node.nodeId) ?? 1;
  const first = mix(drawn(known, weightOf, random), drawn(newcomers, own, random), random);
  const others = [drawn(low, weightOf, random), drawn(lacking, weightOf, random), drawn(rest, own, random)];
  return [first, ...others].flat().slice(0, options.count);
}

function takesPrice({ nodeId }: RankedNode, options: PickOptions): boolean {
  const { offers, price, commodity = COMMODITY.bandwidth } = options;
  return price === undefined || (offers?.get(nodeId)?.minPrices[commodity] ?? 0n) <= price;
}

/** `LEAST_SCORE` of the usual score: nodes of that one, or more, hold half of all measured score, so that many bad ones do not lower it. */
function leastScore(nodes: readonly RankedNode[]): number {
  const scores = nodes.filter(({ newcomer }) => !newcomer).map(({ reputation }) => reputation);
  let left = scores.reduce((sum, score) => sum + score, 0) / 2;
  for (const score of scores.sort((a, b) => b - a)) {
    left -= score;
    if (left <= 0) return score * LEAST_SCORE;
  }
  return 0;
}

function weights(nodes: readonly RankedNode[], options: PickOptions): (node: RankedNode) => number {
  const { near, load, offers, memory } = options;
  const distanceOf = ({ nodeId }: RankedNode): number =>
    near?.get(nodeId) ?? offers?.get(nodeId)?.ms ?? NEAR_MS;
  const answering = nodes.filter(({ nodeId }) => offers?.get(nodeId) !== null);
  const distances = answering.map(distanceOf).sort((a, b) => a - b);
  const at = (part: number): number => NEAR_MS + (distances[Math.floor(distances.length * part)] ?? NEAR_MS);
  const [nearest, middle] = [at(NEAREST), at(1 / 2)];
  return (node) => {
    const offer = offers?.get(node.nodeId);
    if (offer === null) return 0;
    const distance = Math.max(nearest, NEAR_MS + distanceOf(node));
    const nearness = Math.min(MOST_NEARNESS, (middle / distance) ** NEARNESS_POWER);
    const idle = 1 - (BUSY_LOSES * (offer?.load ?? 0)) / 100;
    const own = (memory?.factor(node.nodeId) ?? 1) / (1 + (load?.get(node.nodeId) ?? 0));
    return node.reputation ** 2 * nearness * idle * own;
  };
}

/** All of them, in the order of a draw. */
function drawn(
  nodes: readonly RankedNode[],
  weightOf: (node: RankedNode) => number,
  random: () => number,
): RankedNode[] {
  return nodes
    .map((node) => ({ node, key: drawKey(1 - random(), weightOf(node)) }))
    .sort((a, b) => a.key - b.key)
    .map(({ node }) => node);
}

function mix(known: RankedNode[], newcomers: RankedNode[], random: () => number): RankedNode[] {
  const mixed: RankedNode[] = [];
  let [k, n] = [0, 0];
  while (k < known.length && n < newcomers.length) {
    const node = random() < NEWCOMER_SHARE ? newcomers[n++] : known[k++];
    mixed.push(node as RankedNode);
  }
  return [...mixed, ...known.slice(k), ...newcomers.slice(n)];
}
