import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** Starts to thaw `amount` wei of the node's stake; `withdrawStake` takes it out after the governed period. */
export function requestUnstake(
  l2: L2Client,
  { nodeId, amount }: { nodeId: number; amount: bigint },
): Promise<L2Receipt> {
  const address = l2.contracts.staking;
  return execute(l2, {
    address,
    abi: nodeStakingAbi,
    functionName: "requestUnstake",
    args: [nodeId, amount],
  });
}
