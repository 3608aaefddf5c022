import { document } from "../graphql/request.ts";
import { CONNECTION, NODE_EPOCH } from "./fields.ts";
import type { Connection, Finality, PageVariables, Standing, Work } from "./types.ts";

export interface NodeEpoch extends Standing {
  epoch: number;
  stake: string;
  reputation: number;
  inCommittee: boolean;
  revenue: string;
  rewardStable: string;
  scheduledFlk: string;
  rewardFlk: string;
  work: Work[];
  finality: Finality;
}

export interface NodeRow {
  id: number;
  owner: string;
  stake: string;
  thawing: string;
  slashed: string;
  optedIn: boolean;
  reputation: number | null;
  /** bandwidth, bytes */
  units: string;
  rewardStable: string;
  rewardFlk: string;
  epochs: {
    nodes: (Pick<NodeEpoch, "epoch" | "inCommittee" | "outByFloor"> & {
      work: Pick<Work, "commodity" | "units" | "deliveries">[];
    })[];
  };
}

export type NodeOrder = "ID" | "STAKE" | "REPUTATION" | "UNITS" | "REWARD_STABLE" | "REWARD_FLK";

export interface NodesVariables extends PageVariables {
  orderBy: NodeOrder;
  direction: "ASC" | "DESC";
}

export const nodesQuery = document<{ nodes: Connection<NodeRow> }, NodesVariables>(`query Nodes(
  $first: Int!, $after: String, $orderBy: NodeOrder, $direction: Direction
) {
  nodes(first: $first, after: $after, orderBy: $orderBy, direction: $direction) {
    ${CONNECTION}
    nodes {
      id owner stake thawing slashed optedIn reputation units rewardStable rewardFlk
      epochs(first: 1) { nodes { epoch inCommittee outByFloor work { commodity units deliveries } } }
    }
  }
}`);

export interface NodeDetail extends Omit<NodeRow, "units" | "rewardStable" | "rewardFlk" | "epochs"> {
  operator: string | null;
  payee: string;
  lockedUntil: number | null;
  endpoints: string[];
  consensusKey: string;
  keyVersion: number;
  networkKey: string;
  account: { claimableStable: string; claimableFlk: string } | null;
  epochs: Connection<NodeEpoch>;
  charted: { nodes: NodeEpoch[] };
}

export const nodeQuery = document<
  { node: NodeDetail | null },
  PageVariables & { id: number }
>(`query Node($id: Int!, $first: Int!, $after: String) {
  node(id: $id) {
    id owner operator payee stake thawing slashed optedIn lockedUntil reputation
    endpoints consensusKey keyVersion networkKey
    account { claimableStable claimableFlk }
    charted: epochs(first: 60) { nodes { ${NODE_EPOCH} finality } }
    epochs(first: $first, after: $after) {
      ${CONNECTION}
      nodes { ${NODE_EPOCH} finality }
    }
  }
}`);
