import { leastScore, NEAR_MS, nearnessAmong } from "#protocol/choice/standing.ts";
import { inDrawnOrder, NEWCOMER_SHARE } from "#protocol/choice/weighted-draw.ts";
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
  const least = leastScore(taking.filter(({ newcomer }) => !newcomer).map(({ reputation }) => reputation));
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
  const drawn = (some: RankedNode[], weight = weightOf): RankedNode[] => inDrawnOrder(some, weight, random);
  const first = mix(drawn(known), drawn(newcomers, own), random);
  return [first, drawn(low), drawn(lacking), drawn(rest, own)].flat().slice(0, options.count);
}

function takesPrice({ nodeId }: RankedNode, options: PickOptions): boolean {
  const { offers, price, commodity = COMMODITY.bandwidth } = options;
  return price === undefined || (offers?.get(nodeId)?.minPrices[commodity] ?? 0n) <= price;
}

function weights(nodes: readonly RankedNode[], options: PickOptions): (node: RankedNode) => number {
  const { near, load, offers, memory } = options;
  const distanceOf = ({ nodeId }: RankedNode): number =>
    near?.get(nodeId) ?? offers?.get(nodeId)?.ms ?? NEAR_MS;
  const answering = nodes.filter(({ nodeId }) => offers?.get(nodeId) !== null);
  const nearness = nearnessAmong(answering.map(distanceOf));
  return (node) => {
    const offer = offers?.get(node.nodeId);
    if (offer === null) return 0;
    const idle = 1 - (BUSY_LOSES * (offer?.load ?? 0)) / 100;
    const own = (memory?.factor(node.nodeId) ?? 1) / (1 + (load?.get(node.nodeId) ?? 0));
    return node.reputation ** 2 * nearness(distanceOf(node)) * idle * own;
  };
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
