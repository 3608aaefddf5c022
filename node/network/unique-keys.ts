import type { PeerRecord } from "#node/interface/network.ts";
import { toHex } from "#protocol/types/hex.ts";

/**
 * Peers by nodeId, one for each network key: the lowest nodeId, which registered first, keeps it. Otherwise a new node
 * could take over the connections of another one by naming its key. `refused`: the keeper by the nodeId of who is left out.
 */
export function uniqueKeys(peers: readonly PeerRecord[]): {
  kept: Map<number, PeerRecord>;
  refused: Map<number, number>;
} {
  const keepers = new Map<string, number>();
  const kept = new Map<number, PeerRecord>();
  const refused = new Map<number, number>();
  for (const peer of [...peers].sort((a, b) => a.nodeId - b.nodeId)) {
    const key = toHex(peer.networkKey);
    const keeper = keepers.get(key);
    if (keeper === undefined || keeper === peer.nodeId) {
      keepers.set(key, peer.nodeId);
      kept.set(peer.nodeId, peer);
    } else {
      refused.set(peer.nodeId, keeper);
    }
  }
  return { kept, refused };
}
