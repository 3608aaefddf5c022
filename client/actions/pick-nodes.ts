import { COMMODITY } from "#protocol/types/ack.ts";
import type { FlkClient } from "../client.ts";
import { clientError } from "../errors.ts";
import { integer, list, object } from "../rpc/json.ts";
import { type NodeInfo, readNode } from "./get-node.ts";
import { getOffers, type Offer } from "./get-offers.ts";
import { getPrice } from "./get-prices.ts";

/** Part of the choices for nodes that nobody measured yet. */
const NEWCOMER_SHARE = 0.05;
/** A node that is so far away counts a sixteenth of one that is here. */
const NEAR_MS = 20;

export interface RankedNode extends NodeInfo {
  /** nobody measured it yet: its reputation says nothing */
  newcomer: boolean;
}

/** Staked nodes that take part, the best first. @throws ERR_SERVICE_UNKNOWN */
export async function getNodesForService(
  client: FlkClient,
  { service, limit = 1000 }: { service: number; limit?: number },
): Promise<RankedNode[]> {
  const result = await client.request("flk_get_nodes_for_service", [service, limit]);
  if (result === null) throw clientError("ERR_SERVICE_UNKNOWN", `no service ${service}`, { service });
  return list(result, "nodes").map((value) => ({
    ...readNode(value),
    newcomer: integer(object(value, "node").newcomer, "newcomer") === 1,
  }));
}

/** A node that is busy all the time counts a quarter of an idle one: what it says of itself moves no more than that. */
const BUSY_LOSES = 0.75;
/** Nodes that are asked before a choice of one. */
const CANDIDATES = 16;

export interface PickOptions {
  /** how many, all different */
  count: number;
  /** ms until a node answered, as the caller measured it: nodes that are nearer are chosen more often */
  near?: ReadonlyMap<number, number>;
  /** requests of the caller that a node still serves */
  load?: ReadonlyMap<number, number>;
  /** what `getOffers` brought; null: the node did not answer, and is chosen only when there is nobody else */
  offers?: ReadonlyMap<number, Offer | null>;
  /** micro-USD per 10^9 units that the service pays; nodes that want more by their offer are left out */
  price?: bigint;
  /** bandwidth when absent */
  commodity?: number;
  /** in [0, 1); Math.random when absent */
  random?: () => number;
}

/**
 * Draws nodes without repetition (REP-ROUTE): by the square of the score, the fourth power of nearness and the load that they state, over one and the caller's requests
 * that they serve; one draw in twenty goes to newcomers. Fewer than `count` when there are no more; nodes of score 0, and those that
 * did not answer, only when there is nobody else.
 */
export function pickFrom(nodes: readonly RankedNode[], options: PickOptions): RankedNode[] {
  const { count, random = Math.random } = options;
  const left = nodes.filter((node) => takesPrice(node, options));
  const picked: RankedNode[] = [];
  while (picked.length < count && left.length > 0) {
    const node = draw(left, (of) => weightOf(of, options), random);
    picked.push(node);
    left.splice(left.indexOf(node), 1);
  }
  return picked;
}

function takesPrice({ nodeId }: RankedNode, options: PickOptions): boolean {
  const { offers, price, commodity = COMMODITY.bandwidth } = options;
  return price === undefined || (offers?.get(nodeId)?.minPrices[commodity] ?? 0n) <= price;
}

function weightOf({ nodeId, reputation }: RankedNode, { near, load, offers }: PickOptions): number {
  const offer = offers?.get(nodeId);
  if (offer === null) return 0;
  const distance = near?.get(nodeId) ?? offer?.ms ?? NEAR_MS;
  const idle = 1 - (BUSY_LOSES * (offer?.load ?? 0)) / 100;
  return (reputation ** 2 * (NEAR_MS / (NEAR_MS + distance)) ** 4 * idle) / (1 + (load?.get(nodeId) ?? 0));
}

function draw(nodes: RankedNode[], weightOf: (node: RankedNode) => number, random: () => number): RankedNode {
  const newcomers = nodes.filter((node) => node.newcomer && weightOf(node) > 0);
  const known = nodes.filter((node) => !node.newcomer && weightOf(node) > 0);
  if (newcomers.length > 0 && (known.length === 0 || random() < NEWCOMER_SHARE))
    return any(newcomers, random);
  if (known.length === 0) return any(nodes, random);
  let at = random() * known.reduce((sum, node) => sum + weightOf(node), 0);
  for (const node of known) {
    at -= weightOf(node);
    if (at < 0) return node;
  }
  return known.at(-1) as RankedNode;
}

function any(nodes: RankedNode[], random: () => number): RankedNode {
  return nodes[Math.floor(random() * nodes.length)] as RankedNode;
}

/**
 * Nodes to ask for a service, in the order to ask them. With `measured` a draw of them is asked first how busy they are, what they take,
 * and how far they are. @throws ERR_SERVICE_UNKNOWN
 */
export async function pickNodes(
  client: FlkClient,
  { service, measured = false, ...options }: PickOptions & { service: number; measured?: boolean },
): Promise<RankedNode[]> {
  const nodes = await getNodesForService(client, { service });
  return measured ? pickMeasured(client, nodes, { ...options, service }) : pickFrom(nodes, options);
}

async function pickMeasured(
  client: FlkClient,
  nodes: readonly RankedNode[],
  options: PickOptions & { service: number },
): Promise<RankedNode[]> {
  const { service, count, commodity = COMMODITY.bandwidth } = options;
  const price = await getPrice(client, { service, commodity });
  const candidates = pickFrom(nodes, { ...options, count: Math.max(CANDIDATES, 2 * count) });
  // their share of the draws is theirs among candidates only when there is one
  if (!candidates.some(({ newcomer }) => newcomer)) {
    const newcomers = nodes.filter(({ newcomer }) => newcomer);
    candidates.push(...pickFrom(newcomers, { ...options, count: 1 }));
  }
  return pickFrom(candidates, { ...options, price, offers: await getOffers(client, candidates) });
}
