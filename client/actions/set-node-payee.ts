import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** Names the account that the protocol chain credits for what the node earns from now on. Only the owner. */
export function setNodePayee(
  l2: L2Client,
  { nodeId, payee }: { nodeId: number; payee: Hex },
): Promise<L2Receipt> {
  const address = l2.contracts.staking;
  return execute(l2, { address, abi: nodeStakingAbi, functionName: "setPayee", args: [nodeId, payee] });
}
