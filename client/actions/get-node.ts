import type { FlkClient } from "../client.ts";
import { clientError } from "../errors.ts";
import { amount, bytes, integer, object, text } from "../rpc/json.ts";

export interface NodeInfo {
  nodeId: number;
  owner: Uint8Array;
  /** Ed25519 */
  networkKey: Uint8Array;
  endpoints: string[];
  /** wei */
  stake: bigint;
  /** 0–100 */
  reputation: number;
}

export function readNode(value: unknown): NodeInfo {
  const node = object(value, "node");
  return {
    nodeId: integer(node.node_id, "node_id"),
    owner: bytes(node.owner, "owner", 20),
    networkKey: bytes(node.network_key, "network_key", 32),
    endpoints: text(node.endpoints, "endpoints")
      .split(",")
      .map((endpoint) => endpoint.trim())
      .filter(Boolean),
    stake: amount(node.stake, "stake"),
    reputation: integer(node.reputation, "reputation"),
  };
}

/** A registered node. @throws ERR_NODE_UNKNOWN */
export async function getNode(client: FlkClient, { nodeId }: { nodeId: number }): Promise<NodeInfo> {
  const result = await client.request("flk_get_node_info", [nodeId]);
  if (result === null)
    throw clientError("ERR_NODE_UNKNOWN", `no node ${nodeId} is registered`, { node: nodeId });
  return readNode(result);
}

/** Registered nodes from id `start`, ascending. */
export async function getNodes(client: FlkClient, { start = 0, limit = 1000 } = {}): Promise<NodeInfo[]> {
  const result = await client.request("flk_get_node_registry", [start, limit]);
  if (!Array.isArray(result)) throw clientError("ERR_RPC_RESPONSE", "the node's registry is not a list");
  return result.map(readNode);
}

/** The node's HTTP address. @throws ERR_NODE_NO_ENDPOINT */
export function edgeUrl(node: Pick<NodeInfo, "nodeId" | "endpoints">): string {
  const url = node.endpoints.find((endpoint) => /^https?:\/\//.test(endpoint));
  if (!url)
    throw clientError("ERR_NODE_NO_ENDPOINT", `node ${node.nodeId} serves no HTTP`, { node: node.nodeId });
  return url.replace(/\/+$/, "");
}
