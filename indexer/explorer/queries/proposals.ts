import { document } from "../graphql/request.ts";
import { CONNECTION } from "./fields.ts";
import type { Connection, Finality, PageVariables } from "./types.ts";

export interface ProposalRow {
  id: string;
  description: string;
  proposer: string;
  state: string;
  time: number;
  voteStart: number;
  voteEnd: number;
  votesFor: string;
  votesAgainst: string;
  votesAbstain: string;
}

const ROW = "id description proposer state time voteStart voteEnd votesFor votesAgainst votesAbstain";

export const proposalsQuery = document<
  { proposals: Connection<ProposalRow> },
  PageVariables
>(`query Proposals($first: Int!, $after: String) {
  proposals(first: $first, after: $after, direction: DESC) {
    ${CONNECTION}
    nodes { ${ROW} }
  }
}`);

export interface ProposalDetail extends ProposalRow {
  txHash: string;
  executableAt: number | null;
  closedTx: string | null;
  finality: Finality;
  calls: { target: string; value: string; data: string }[];
  votes: Connection<{
    voter: string;
    support: string;
    weight: string;
    reason: string;
    time: number;
    txHash: string;
  }>;
}

export const proposalQuery = document<
  { proposal: ProposalDetail | null },
  PageVariables & { id: string }
>(`query Proposal($id: String!, $first: Int!, $after: String) {
  proposal(id: $id) {
    ${ROW} txHash executableAt closedTx finality
    calls { target value data }
    votes(first: $first, after: $after) {
      ${CONNECTION}
      nodes { voter support weight reason time txHash }
    }
  }
}`);
