import { document } from "../graphql/request.ts";
import { BLOCK_ROW, CONNECTION, EPOCH_ROW, NODE_EPOCH, PAGE_INFO, SETTLEMENT_ROW } from "./fields.ts";
import type { NodeEpoch } from "./nodes.ts";
import type { BlockRow, Checked, Connection, PageOf, PageVariables, SettlementRow } from "./types.ts";

export interface EpochRow extends Checked {
  number: number;
  openTime: number;
  closeTime: number | null;
  blocks: number;
  transactions: number;
  deliveries: number | null;
  bytes: string | null;
  ms: string | null;
  revenue: string | null;
  flkMinted: string | null;
}

export const epochsQuery = document<
  { epochs: Connection<EpochRow> },
  PageVariables
>(`query Epochs($first: Int!, $after: String) {
  epochs(first: $first, after: $after, direction: DESC) {
    ${CONNECTION}
    nodes { ${EPOCH_ROW} }
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

export interface EpochVariables {
  number: number;
  first: number;
  nodes: string | null;
  accounts: string | null;
}

export const epochQuery = document<
  { epoch: EpochDetail | null },
  EpochVariables
>(`query Epoch($number: Int!, $first: Int!, $nodes: String, $accounts: String) {
  epoch(number: $number) {
    ${EPOCH_ROW} lanes treasury buyback flkScheduled digest committee
    grant { grantedBy lotBuyback lotBurn flk }
    settlement { ${SETTLEMENT_ROW} }
    nodes(first: $first, after: $nodes) {
      ${CONNECTION}
      nodes { nodeId ${NODE_EPOCH} }
    }
    accounts(first: $first, after: $accounts) { ${CONNECTION} nodes { account balance payoutStable payoutFlk } }
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
    ${PAGE_INFO}
    nodes { ${BLOCK_ROW} }
  }
}`);

export const blockQuery = document<
  { block: BlockDetail | null },
  { height: number }
>(`query Block($height: Counter!) {
  block(height: $height) {
    ${BLOCK_ROW} blockRoot stateRoot anchor anchorAuthor l2Block
  }
}`);
