import { document } from "../graphql/request.ts";
import type { EpochRow } from "./epochs.ts";
import { BLOCK_ROW, EPOCH_ROW } from "./fields.ts";
import type { BlockRow, SettlementRow } from "./types.ts";

export interface OverviewEpoch extends EpochRow {
  settlement: Pick<SettlementRow, "gasUsed" | "state" | "txHash"> | null;
}

export interface Overview {
  epochs: { totalCount: number; nodes: OverviewEpoch[] };
  blocks: { nodes: BlockRow[] };
  nodes: { totalCount: number };
  accounts: { totalCount: number };
}

/** Epochs that the charts show. */
export const CHARTED = 60;

export const overviewQuery = document<Overview>(`query Overview {
  epochs(first: ${CHARTED}, direction: DESC) {
    totalCount
    nodes { ${EPOCH_ROW} settlement { gasUsed state txHash } }
  }
  blocks(first: 8, direction: DESC) { nodes { ${BLOCK_ROW} } }
  nodes(first: 0) { totalCount }
  accounts(first: 0) { totalCount }
}`);

/** The length that an epoch opened with: what the L2 says since counts for later ones. */
export const inForceQuery = document<{ parameters: { nodes: { value: string }[] } }, { epoch: number }>(
  `query InForce($epoch: Int!) {
  parameters(atEpoch: $epoch, where: { key: { _eq: "epochLengthMs" } }) { nodes { value } }
}`,
);
