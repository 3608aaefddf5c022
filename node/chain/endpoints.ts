import type { NodeView } from "#node/interface/chain-view.ts";
import type { PeerRecord } from "#node/interface/network.ts";

/** `endpoints` of the L2 registry: comma-separated; multiaddrs, then HTTP URLs of the edge. */
export function peerRecords(nodes: NodeView[], self: number): PeerRecord[] {
  return nodes
    .filter((node) => node.nodeId !== self)
    .map((node) => ({
      nodeId: node.nodeId,
      networkKey: node.networkKey,
      addresses: node.endpoints
        .split(",")
        .map((endpoint) => endpoint.trim())
        .filter((endpoint) => endpoint.startsWith("/")),
    }))
    .filter((peer) => peer.addresses.length > 0);
}
