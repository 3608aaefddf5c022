import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** Stakes `amount` wei of FLK on the wallet's node; needs an `approve` for the staking contract before. */
export function stake(
  l2: L2Client,
  { nodeId, amount }: { nodeId: number; amount: bigint },
): Promise<L2Receipt> {
  const address = l2.contracts.staking;
  return execute(l2, { address, abi: nodeStakingAbi, functionName: "stake", args: [nodeId, amount] });
}
