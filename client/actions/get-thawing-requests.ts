import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import type { L2Reader } from "./l2-client.ts";

export interface ThawingRequest {
  id: bigint;
  /** Unix seconds */
  maturesAt: bigint;
  /** wei */
  amount: bigint;
}

/** The requests to unstake of a node that are not withdrawn yet, oldest first. */
export async function getThawingRequests(
  l2: L2Reader,
  { nodeId }: { nodeId: number },
): Promise<ThawingRequest[]> {
  const requests = await l2.public.readContract({
    address: l2.contracts.staking,
    abi: nodeStakingAbi,
    functionName: "thawingRequests",
    args: [nodeId],
  });
  return [...requests].sort((a, b) => Number(a.id - b.id));
}
