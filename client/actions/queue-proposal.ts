import { flkGovernorAbi } from "#protocol/abi/FlkGovernor.ts";
import { contractAddress, execute, type L2Client, type L2Receipt } from "./l2-client.ts";
import { contentArguments, type ProposalContent } from "./propose.ts";

/** Hands a proposal that succeeded to the timelock, by anyone. @throws ERR_L2_REVERTED */
export function queueProposal(l2: L2Client, content: ProposalContent): Promise<L2Receipt> {
  const address = contractAddress(l2, "governor");
  const call = { address, abi: flkGovernorAbi, functionName: "queue" } as const;
  return execute(l2, { ...call, args: contentArguments(content) });
}
