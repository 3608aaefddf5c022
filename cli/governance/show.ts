import type { Proposal } from "#client/actions/get-proposals.ts";
import type { Config } from "../config/schema.ts";
import { formatFlk } from "../io/amounts.ts";
import { describeCall } from "./calls.ts";

const DIGITS = 64;
const SHORT = 10;

/** A proposal's id as people pass it around: 0x and 64 hex digits, of which the first are enough. */
export function proposalId(id: bigint): string {
  return `0x${id.toString(16).padStart(DIGITS, "0")}`;
}

export const ROW_HEADING: string[] = ["ID", "STATE", "FOR", "AGAINST", "ABSTAIN", "VOTE ENDS", "DESCRIPTION"];

export function proposalRow({ id, state, votes, voteEnd, description }: Proposal): string[] {
  const counts = [votes.for, votes.against, votes.abstain].map(formatFlk);
  return [proposalId(id).slice(0, SHORT), state, ...counts, time(voteEnd), title(description)];
}

/** For `--json`. */
export function proposalView(config: Config, proposal: Proposal): Record<string, unknown> {
  const { contracts } = config.l2;
  return {
    ...proposal,
    id: proposalId(proposal.id),
    calls: proposal.calls.map((call) => ({ ...call, text: describeCall(contracts, call) })),
  };
}

export function proposalLines(config: Config, proposal: Proposal): string[] {
  const { votes, quorum, eta } = proposal;
  return [
    `${proposalId(proposal.id)}  ${proposal.state}`,
    proposal.description,
    `by ${proposal.proposer}`,
    ...proposal.calls.map((call) => `  ${describeCall(config.l2.contracts, call)}`),
    `for ${formatFlk(votes.for)}, against ${formatFlk(votes.against)}, abstain ${formatFlk(votes.abstain)}`,
    `quorum ${quorum === undefined ? "known when the vote begins" : formatFlk(quorum)}`,
    `vote from ${time(proposal.voteStart)} to ${time(proposal.voteEnd)}`,
    ...(eta === undefined ? [] : [`can be executed from ${time(eta)}`]),
  ];
}

function time(seconds: bigint): string {
  return new Date(Number(seconds) * 1_000).toISOString().replace(".000Z", "Z");
}

function title(description: string): string {
  const [line = ""] = description.split("\n", 1);
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
