import type { GetContractEventsReturnType } from "viem";
import { flkGovernorAbi } from "#protocol/abi/FlkGovernor.ts";
import { minBigint } from "#protocol/types/bigint.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { clientError } from "../errors.ts";
import { contractAddress, type L2Reader } from "./l2-client.ts";
import type { ProposalContent } from "./propose.ts";

/** States of a proposal in the order of the governor's own numbers. */
const STATES = [
  "pending",
  "active",
  "canceled",
  "defeated",
  "succeeded",
  "queued",
  "expired",
  "executed",
] as const;

/** Times are Unix seconds, votes are wei of FLK. */
export interface Proposal extends ProposalContent {
  id: bigint;
  proposer: Hex;
  state: (typeof STATES)[number];
  voteStart: bigint;
  voteEnd: bigint;
  votes: { for: bigint; against: bigint; abstain: bigint };
  /** undefined until the vote begins */
  quorum: bigint | undefined;
  /** when it can be executed; undefined unless it is queued */
  eta: bigint | undefined;
}

export interface ProposalRange {
  /** the first L2 block that is looked at: that of the deployment */
  fromBlock: bigint;
  /** blocks that the L2 answers for at once; 10000 when absent */
  page?: bigint;
}

type Created = GetContractEventsReturnType<typeof flkGovernorAbi, "ProposalCreated", true>[number];

/** Every proposal, newest first. @throws ERR_CONTRACT_UNKNOWN */
export async function getProposals(l2: L2Reader, range: ProposalRange): Promise<Proposal[]> {
  const created = await logs(l2, range);
  return Promise.all(created.reverse().map((log) => read(l2, log)));
}

/** @throws ERR_PROPOSAL_UNKNOWN, ERR_CONTRACT_UNKNOWN */
export async function getProposal(
  l2: L2Reader,
  { id, ...range }: ProposalRange & { id: bigint },
): Promise<Proposal> {
  const created = await logs(l2, range);
  const log = created.find(({ args }) => args.proposalId === id);
  if (!log) throw clientError("ERR_PROPOSAL_UNKNOWN", `there is no proposal ${id}`, { id });
  return read(l2, log);
}

async function logs(l2: L2Reader, { fromBlock, page = 10_000n }: ProposalRange): Promise<Created[]> {
  const address = contractAddress(l2, "governor");
  const newest = await l2.public.getBlockNumber();
  const found: Created[] = [];
  for (let from = fromBlock; from <= newest; from += page) {
    const last = from + page - 1n;
    const events = await l2.public.getContractEvents({
      address,
      abi: flkGovernorAbi,
      eventName: "ProposalCreated",
      fromBlock: from,
      toBlock: minBigint(last, newest),
      strict: true,
    });
    found.push(...events);
  }
  return found;
}

async function read(l2: L2Reader, { args }: Created): Promise<Proposal> {
  const governor = { address: contractAddress(l2, "governor"), abi: flkGovernorAbi } as const;
  const id = args.proposalId;
  const [state, voteEnd, votes, eta, quorum] = await Promise.all([
    l2.public.readContract({ ...governor, functionName: "state", args: [id] }),
    l2.public.readContract({ ...governor, functionName: "proposalDeadline", args: [id] }),
    l2.public.readContract({ ...governor, functionName: "proposalVotes", args: [id] }),
    l2.public.readContract({ ...governor, functionName: "proposalEta", args: [id] }),
    // of a past time only
    l2.public
      .readContract({ ...governor, functionName: "quorum", args: [args.voteStart] })
      .catch(() => undefined),
  ]);
  const [against, inFavour, abstain] = votes;
  const calls = args.targets.map((target, i) => ({
    target,
    value: args.values[i] ?? 0n,
    data: args.calldatas[i] ?? "0x",
  }));
  return {
    id,
    proposer: args.proposer,
    description: args.description,
    calls,
    state: STATES[state] ?? "pending",
    voteStart: args.voteStart,
    voteEnd,
    votes: { for: inFavour, against, abstain },
    quorum,
    eta: eta === 0n ? undefined : eta,
  };
}
