import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/**
 * Says on the L2 whether the node wants to be drawn into committees; it works also while the committee takes no transactions of the
 * node. A seat lasts until its epoch ends. Owner or operator.
 */
export function setParticipation(
  l2: L2Client,
  { nodeId, optedIn }: { nodeId: number; optedIn: boolean },
): Promise<L2Receipt> {
  const address = l2.contracts.staking;
  const args = [nodeId, optedIn];
  return execute(l2, { address, abi: nodeStakingAbi, functionName: "setParticipation", args });
}
