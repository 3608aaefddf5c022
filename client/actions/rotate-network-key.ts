import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { toHex } from "#protocol/types/hex.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** Replaces the Ed25519 key of the node; it counts as soon as the protocol chain has seen it. Owner or operator. */
export function rotateNetworkKey(
  l2: L2Client,
  { nodeId, networkKey }: { nodeId: number; networkKey: Uint8Array },
): Promise<L2Receipt> {
  const address = l2.contracts.staking;
  const args = [nodeId, toHex(networkKey)];
  return execute(l2, { address, abi: nodeStakingAbi, functionName: "rotateNetworkKey", args });
}
