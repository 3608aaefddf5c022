import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** Announces where the node is reached: multiaddrs and the edge's http URL, comma-separated. Owner or operator. */
export function setEndpoints(
  l2: L2Client,
  { nodeId, endpoints }: { nodeId: number; endpoints: string },
): Promise<L2Receipt> {
  const address = l2.contracts.staking;
  const args = [nodeId, endpoints];
  return execute(l2, { address, abi: nodeStakingAbi, functionName: "setEndpoints", args });
}
