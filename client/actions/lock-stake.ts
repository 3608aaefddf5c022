import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/**
 * Locks all stake of the node, now and later, for `seconds` from now: it earns a boost and cannot be unstaked. A lock is extended,
 * never shortened. Only the owner.
 */
export function lockStake(
  l2: L2Client,
  { nodeId, seconds }: { nodeId: number; seconds: bigint },
): Promise<L2Receipt> {
  const address = l2.contracts.staking;
  return execute(l2, { address, abi: nodeStakingAbi, functionName: "lock", args: [nodeId, seconds] });
}
