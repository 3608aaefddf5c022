import { flkGovernorAbi } from "#protocol/abi/FlkGovernor.ts";
import { contractAddress, execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** Votes in the order of the governor's own numbers. */
export const VOTES = ["against", "for", "abstain"] as const;
export type Vote = (typeof VOTES)[number];

/** Votes once, with all the votes that the wallet had when the vote began. @throws ERR_L2_REVERTED */
export function castVote(
  l2: L2Client,
  { id, vote, reason = "" }: { id: bigint; vote: Vote; reason?: string },
): Promise<L2Receipt> {
  const address = contractAddress(l2, "governor");
  const call = { address, abi: flkGovernorAbi, functionName: "castVoteWithReason" } as const;
  return execute(l2, { ...call, args: [id, VOTES.indexOf(vote), reason] });
}
