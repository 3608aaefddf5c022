import { keccak256, toBytes } from "viem";
import { flkGovernorAbi } from "#protocol/abi/FlkGovernor.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { contractAddress, execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** A call that the timelock makes when a proposal is executed. */
export interface GovernanceCall {
  target: Hex;
  /** wei of ETH, from what the timelock holds */
  value: bigint;
  data: Hex;
}

/** What identifies a proposal: its calls, in order, and its description. */
export interface ProposalContent {
  calls: readonly GovernanceCall[];
  description: string;
}

/** Puts `calls` to the vote; needs the threshold of votes. @throws ERR_L2_REVERTED, ERR_CONTRACT_UNKNOWN */
export async function propose(l2: L2Client, content: ProposalContent): Promise<L2Receipt & { id: bigint }> {
  const [targets, values, data] = callArguments(content.calls);
  const { result, ...receipt } = await execute(l2, {
    address: contractAddress(l2, "governor"),
    abi: flkGovernorAbi,
    functionName: "propose",
    args: [targets, values, data, content.description],
  });
  return { ...receipt, id: result as bigint };
}

/** The arguments by which the governor is told of a proposal that it has. */
export function contentArguments({ calls, description }: ProposalContent): readonly unknown[] {
  return [...callArguments(calls), keccak256(toBytes(description))];
}

function callArguments(calls: readonly GovernanceCall[]): [Hex[], bigint[], Hex[]] {
  return [calls.map(({ target }) => target), calls.map(({ value }) => value), calls.map(({ data }) => data)];
}
