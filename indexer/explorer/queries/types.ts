import type { Finality, SettlementState } from "#client/queries/generated.ts";

export type { Finality, SettlementState };

/** Amounts are exact decimal strings: micro-USD, wei. Times are Unix ms. */
export interface PageOf<Row> {
  nodes: Row[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

export interface Connection<Row> extends PageOf<Row> {
  totalCount: number;
}

export interface PageVariables {
  first: number;
  after: string | null;
}

export interface Standing {
  latency: number;
  uptime: number;
  throughput: number;
  success: number;
  trust: number;
  credibility: number;
  reporters: number;
  outByFloor: boolean;
}

export interface Work {
  service: number;
  commodity: number;
  units: string;
  deliveries: number;
  lanes: number;
  revenue: string;
}

export interface Checked {
  finality: Finality;
  verified: boolean;
  problem: string | null;
}

export interface SettlementRow {
  epoch: number;
  state: SettlementState;
  heldFor: string[];
  activatesAt: number;
  activatedTx: string | null;
  gasUsed: string;
  txHash: string;
  block: number;
}

export interface BlockRow {
  height: number;
  epoch: number;
  index: number;
  time: number;
  transactions: number;
}
