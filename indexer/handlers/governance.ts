import type { Hex } from "viem";
import { plus, type Rows } from "../store/rows.ts";
import { proposals, votes } from "../store/schema.ts";
import type { LogOf } from "../sync/l2-logs.ts";
import { lower } from "./lower.ts";
import { placeOf } from "./place.ts";

type GovernorLog = LogOf<"governor">;
type Of<Name extends GovernorLog["eventName"]> = Extract<GovernorLog, { eventName: Name }>;

/** Writes what one finalized log of the governor says. */
export function applyGovernorLog(rows: Rows, log: GovernorLog): void {
  switch (log.eventName) {
    case "ProposalCreated":
      applyCreated(rows, log);
      return;
    case "ProposalQueued": {
      const executableAt = Number(log.args.etaSeconds);
      rows.update(proposals, { id: String(log.args.proposalId), state: "QUEUED", executableAt });
      return;
    }
    case "ProposalExecuted":
      close(rows, log, "EXECUTED");
      return;
    case "ProposalCanceled":
      close(rows, log, "CANCELED");
      return;
    case "ProposalExtended": {
      const voteEnd = Number(log.args.extendedDeadline);
      rows.update(proposals, { id: String(log.args.proposalId), voteEnd });
      return;
    }
    case "VoteCast":
    case "VoteCastWithParams":
      applyVote(rows, log);
      return;
  }
}

function applyCreated(rows: Rows, log: Of<"ProposalCreated">): void {
  const { proposalId, proposer, targets, values, calldatas, description, voteStart, voteEnd } = log.args;
  const calls = targets.map((target: Hex, i: number) => ({
    target: lower(target),
    value: String(values[i]),
    data: calldatas[i],
  }));
  rows.insert(proposals, {
    id: String(proposalId),
    ...placeOf(log),
    proposer: lower(proposer),
    description,
    calls: JSON.stringify(calls),
    voteStart: Number(voteStart),
    voteEnd: Number(voteEnd),
    state: "CREATED",
  });
}

function close(
  rows: Rows,
  { args, block, txHash }: Of<"ProposalExecuted"> | Of<"ProposalCanceled">,
  state: string,
): void {
  rows.update(proposals, { id: String(args.proposalId), state, closedBlock: block, closedTx: txHash });
}

const TALLIES = ["votesAgainst", "votesFor", "votesAbstain"] as const;

function applyVote(rows: Rows, log: Of<"VoteCast"> | Of<"VoteCastWithParams">): void {
  const { proposalId, voter, support, weight, reason } = log.args;
  const proposal = String(proposalId);
  rows.insert(votes, { ...placeOf(log), proposal, voter: lower(voter), support, weight, reason });
  const tally = TALLIES[support];
  if (tally) rows.update(proposals, { id: proposal, [tally]: plus(weight) });
}
