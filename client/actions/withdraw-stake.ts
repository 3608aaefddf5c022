import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** Takes out every matured thawing request of the node. Returns the wei that went to `to`, the wallet when absent. */
export async function withdrawStake(
  l2: L2Client,
  { nodeId, to = l2.wallet.account.address }: { nodeId: number; to?: Hex },
): Promise<L2Receipt & { amount: bigint }> {
  const address = l2.contracts.staking;
  const done = await execute(l2, {
    address,
    abi: nodeStakingAbi,
    functionName: "withdrawMatured",
    args: [nodeId, to],
  });
  return { ...done, amount: typeof done.result === "bigint" ? done.result : 0n };
}
