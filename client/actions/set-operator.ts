import { zeroAddress } from "viem";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** Names who may run the node beside its owner, without its funds; nobody when `operator` is absent. Only the owner. */
export function setOperator(
  l2: L2Client,
  { nodeId, operator = zeroAddress }: { nodeId: number; operator?: Hex | undefined },
): Promise<L2Receipt> {
  const address = l2.contracts.staking;
  const args = [nodeId, operator];
  return execute(l2, { address, abi: nodeStakingAbi, functionName: "setOperator", args });
}
