import { flkAbi } from "#protocol/abi/FLK.ts";
import { flkVotesAbi } from "#protocol/abi/FlkVotes.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { contractAddress, execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/**
 * Gives the wallet's votes to `to`: those of its FLK, which count for nobody until they are delegated, and those of its stake,
 * which are its own until then. Two transactions. @throws ERR_L2_REVERTED, ERR_CONTRACT_UNKNOWN
 */
export async function delegateVotes(l2: L2Client, { to }: { to: Hex }): Promise<L2Receipt[]> {
  const votes = contractAddress(l2, "votes");
  const call = { functionName: "delegate", args: [to] } as const;
  const held = await execute(l2, { address: l2.contracts.flk, abi: flkAbi, ...call });
  const staked = await execute(l2, { address: votes, abi: flkVotesAbi, ...call });
  return [held, staked];
}
