import { document } from "../graphql/request.ts";
import type { NodeEpoch } from "./nodes.ts";
import type { BlockRow, Checked, Connection, PageOf, PageVariables, SettlementRow } from "./types.ts";

export interface EpochRow extends Checked {
  number: number;
  openTime: number;
  closeTime: number | null;
  blocks: number;
  transactions: number;
  deliveries: number | null;
  units: string | null;
  revenue: string | null;
  flkMinted: string | null;
}

const ROW =
  "number openTime closeTime blocks transactions deliveries units revenue flkMinted finality verified problem";

export const epochsQuery = document<
  { epochs: Connection<EpochRow> },
  PageVariables
>(`query Epochs($first: Int!, $after: String) {
  epochs(first: $first, after: $after, direction: DESC) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { ${ROW} }
  }
}`);

export interface EpochDetail extends EpochRow {
  lanes: number | null;
  treasury: string | null;
  buyback: string | null;
  flkScheduled: string | null;
  digest: string | null;
  committee: number[];
  grant: { grantedBy: number; lotBuyback: string; lotBurn: string; flk: string } | null;
  settlement: SettlementRow | null;
  nodes: Connection<Omit<NodeEpoch, "finality"> & { nodeId: number }>;
  accounts: Connection<{ account: string; balance: string; payoutStable: string; payoutFlk: string }>;
}

export interface EpochVariables extends Record<string, unknown> {
  number: number;
  first: number;
  nodes: string | null;
  accounts: string | null;
}

const PAGE = "totalCount pageInfo { hasNextPage endCursor }";

export const epochQuery = document<
  { epoch: EpochDetail | null },
  EpochVariables
>(`query Epoch($number: Int!, $first: Int!, $nodes: String, $accounts: String) {
  epoch(number: $number) {
    ${ROW} lanes treasury buyback flkScheduled digest committee
    grant { grantedBy lotBuyback lotBurn flk }
    settlement { epoch state heldFor activatesAt activatedTx gasUsed txHash block }
    nodes(first: $first, after: $nodes) {
      ${PAGE}
      nodes {
        epoch nodeId stake reputation inCommittee revenue rewardStable scheduledFlk rewardFlk
        latency uptime throughput success trust credibility reporters outByFloor
        work { service commodity units deliveries lanes revenue }
      }
    }
    accounts(first: $first, after: $accounts) { ${PAGE} nodes { account balance payoutStable payoutFlk } }
  }
}`);

export interface BlockDetail extends BlockRow {
  blockRoot: string;
  stateRoot: string;
  anchor: string;
  anchorAuthor: number;
  l2Block: number;
}

export const blocksQuery = document<
  { blocks: PageOf<BlockRow> },
  PageVariables
>(`query Blocks($first: Int!, $after: String) {
  blocks(first: $first, after: $after, direction: DESC) {
    pageInfo { hasNextPage endCursor }
    nodes { height epoch index time transactions }
  }
}`);

export const blockQuery = document<
  { block: BlockDetail | null },
  { height: number }
>(`query Block($height: Counter!) {
  block(height: $height) {
    height epoch index time transactions blockRoot stateRoot anchor anchorAuthor l2Block
  }
}`);
