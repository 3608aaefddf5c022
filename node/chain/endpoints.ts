import type { NodeView } from "#node/interface/chain-view.ts";
import type { PeerRecord } from "#node/interface/network.ts";

const MAX_ADDRESSES = 8;
/** characters: the longest DNS name, and room for a peer id */
const MAX_ADDRESS_LENGTH = 256;
const TCP_ADDRESS = /^\/(?:ip4|ip6|dns|dns4|dns6)\/[^/\s]+\/tcp\/(\d{1,5})(?:\/p2p\/[^/\s]+)?$/;

/**
 * The nodes to be connected with: those that have something at stake, so that peers cost something. Thawing stake counts:
 * it can still be slashed, and its node may still hold a seat. `endpoints` of the L2 registry: comma-separated;
 * multiaddrs, then HTTP URLs of the edge.
 */
export function peerRecords(nodes: NodeView[], self: number): PeerRecord[] {
  return nodes
    .filter((node) => node.nodeId !== self && node.stake + node.thawing > 0n)
    .map((node) => ({
      nodeId: node.nodeId,
      networkKey: node.networkKey,
      addresses: node.endpoints
        .split(",")
        .map((endpoint) => endpoint.trim())
        .filter(isTcpAddress)
        .slice(0, MAX_ADDRESSES),
    }))
    .filter((peer) => peer.addresses.length > 0);
}

function isTcpAddress(endpoint: string): boolean {
  if (endpoint.length > MAX_ADDRESS_LENGTH) return false;
  const port = Number(TCP_ADDRESS.exec(endpoint)?.[1] ?? 0);
  return port > 0 && port <= 65_535;
}
