import { flkGovernorAbi } from "#protocol/abi/FlkGovernor.ts";
import { contractAddress, execute, type L2Client, type L2Receipt } from "./l2-client.ts";
import { contentArguments, type ProposalContent } from "./propose.ts";

/** Makes the calls of a queued proposal once the timelock's delay has passed, by anyone. @throws ERR_L2_REVERTED */
export function executeProposal(l2: L2Client, content: ProposalContent): Promise<L2Receipt> {
  const address = contractAddress(l2, "governor");
  const call = { address, abi: flkGovernorAbi, functionName: "execute" } as const;
  return execute(l2, { ...call, args: contentArguments(content) });
}
