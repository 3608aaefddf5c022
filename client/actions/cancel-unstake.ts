import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** Makes what is left of a thawing request stake again. Only the owner. */
export function cancelUnstake(
  l2: L2Client,
  { nodeId, requestId }: { nodeId: number; requestId: bigint },
): Promise<L2Receipt> {
  const address = l2.contracts.staking;
  const args = [nodeId, requestId];
  return execute(l2, { address, abi: nodeStakingAbi, functionName: "cancelUnstake", args });
}
