import type { FlkClient } from "../client.ts";
import { clientError } from "../errors.ts";
import { integer, list, object } from "../rpc/json.ts";
import { type NodeInfo, readNode } from "./get-node.ts";

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

export interface PickOptions {
  /** how many, all different */
  count: number;
  /** ms until a node answered, as the caller measured it: nodes that are nearer are chosen more often */
  near?: ReadonlyMap<number, number>;
  /** requests of the caller that a node still serves */
  load?: ReadonlyMap<number, number>;
  /** in [0, 1); Math.random when absent */
  random?: () => number;
}

/**
 * Draws nodes without repetition (REP-ROUTE): by the square of the score and the fourth power of nearness, over one and the caller's requests that they serve;
 * one draw in twenty goes to newcomers. Fewer than `count` when there are no more; nodes of score 0 only
 * when there is nobody else.
 */
export function pickFrom(nodes: readonly RankedNode[], options: PickOptions): RankedNode[] {
  const { count, near, load, random = Math.random } = options;
  const left = [...nodes];
  const picked: RankedNode[] = [];
  const weightOf = (node: RankedNode): number => {
    const distance = near?.get(node.nodeId) ?? NEAR_MS;
    return (
      (node.reputation ** 2 * (NEAR_MS / (NEAR_MS + distance)) ** 4) / (1 + (load?.get(node.nodeId) ?? 0))
    );
  };
  while (picked.length < count && left.length > 0) {
    const node = draw(left, weightOf, random);
    picked.push(node);
    left.splice(left.indexOf(node), 1);
  }
  return picked;
}

function draw(nodes: RankedNode[], weightOf: (node: RankedNode) => number, random: () => number): RankedNode {
  const newcomers = nodes.filter(({ newcomer }) => newcomer);
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

/** Nodes to ask for a service, in the order to ask them. @throws ERR_SERVICE_UNKNOWN */
export async function pickNodes(
  client: FlkClient,
  { service, ...options }: PickOptions & { service: number },
): Promise<RankedNode[]> {
  return pickFrom(await getNodesForService(client, { service }), options);
}
