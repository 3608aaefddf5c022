import { COMMODITY } from "#protocol/types/ack.ts";
import type { Hex } from "#protocol/types/hex.ts";
import type { FlkClient } from "../client.ts";
import { clientError } from "../errors.ts";
import { integer, list, object } from "../rpc/json.ts";
import { readNode } from "./get-node.ts";
import { getOffers, OFFERS_AT_ONCE } from "./get-offers.ts";
import { getPrice } from "./get-prices.ts";
import { type PickOptions, pickFrom, type RankedNode } from "./pick-from.ts";

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

export interface PickNodesOptions extends PickOptions {
  service: number;
  /** ask 16 of them how busy they are, what they take, and how far they are: they come first */
  measured?: boolean;
  /** BLAKE3 of what is wanted: asks as `measured` does, and those come first that say they have it */
  content?: Hex;
}

/** Nodes to ask for a service, in the order to ask them (REP-ROUTE). @throws ERR_SERVICE_UNKNOWN */
export async function pickNodes(
  client: FlkClient,
  { measured = false, ...options }: PickNodesOptions,
): Promise<RankedNode[]> {
  const nodes = await getNodesForService(client, options);
  return measured || options.content ? pickMeasured(client, nodes, options) : pickFrom(nodes, options);
}

async function pickMeasured(
  client: FlkClient,
  nodes: readonly RankedNode[],
  options: PickNodesOptions,
): Promise<RankedNode[]> {
  const { service, content, count, commodity = COMMODITY.bandwidth } = options;
  const [candidates, others] = split(pickFrom(nodes, { ...options, count: nodes.length }));
  const price = await getPrice(client, { service, commodity });
  const offers = await getOffers(client, candidates, { ...(content && { content }) });
  const serves = ({ nodeId }: RankedNode): boolean => {
    const offer = offers.get(nodeId);
    return offer !== null && offer?.holds !== false;
  };
  const pick = (some: RankedNode[]): RankedNode[] =>
    pickFrom(some, { ...options, price, offers, count: some.length });
  const useful = pick(candidates.filter(serves));
  const useless = pick(candidates.filter((node) => !serves(node)));
  return [...useful, ...others, ...useless].slice(0, count);
}

/** Those to ask first, as many as are asked at once: one newcomer is among them if there is any, or newcomers would have no share of the draw. */
function split(drawn: readonly RankedNode[]): [candidates: RankedNode[], others: RankedNode[]] {
  const candidates = drawn.slice(0, OFFERS_AT_ONCE);
  const newcomer = drawn.find((node) => node.newcomer);
  if (newcomer && !candidates.includes(newcomer)) candidates.splice(-1, 1, newcomer);
  const asked = new Set(candidates);
  return [candidates, drawn.filter((node) => !asked.has(node))];
}
