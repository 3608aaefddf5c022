import { document } from "../graphql/request.ts";
import { CONNECTION, SETTLEMENT_ROW } from "./fields.ts";
import type { Checked, Connection, PageVariables, SettlementRow } from "./types.ts";

export interface ListedSettlement extends SettlementRow {
  closeTime: number;
  totalPayoutStable: string;
  totalPayoutFlk: string;
}

export const settlementsQuery = document<
  { settlements: Connection<ListedSettlement> },
  PageVariables
>(`query Settlements($first: Int!, $after: String) {
  settlements(first: $first, after: $after, direction: DESC) {
    ${CONNECTION}
    nodes {
      ${SETTLEMENT_ROW} closeTime totalPayoutStable totalPayoutFlk
    }
  }
}`);

export interface SettlementDetail extends ListedSettlement {
  digest: string;
  previous: string;
  l2Number: number;
  l2Hash: string;
  stateRoot: string;
  payoutRoot: string;
  balanceRoot: string;
  reportHash: string;
  slashListHash: string;
  nextCommitteeHash: string;
  totalBalances: string;
  activatedBlock: number | null;
  flkMinted: string | null;
}

/** By node ids; power counts as committees count it. */
export interface Certificate {
  signers: number[];
  absent: number[];
  power: number;
  totalPower: number;
  quorum: number;
  signature: string;
}

export interface SettlementPage {
  settlement: SettlementDetail | null;
  epoch: (Checked & { number: number; digest: string | null; certificate: Certificate | null }) | null;
}

export const settlementQuery = document<SettlementPage, { epoch: number }>(`query Settlement($epoch: Int!) {
  settlement(epoch: $epoch) {
    ${SETTLEMENT_ROW} closeTime activatedBlock flkMinted
    totalBalances totalPayoutStable totalPayoutFlk digest previous l2Number l2Hash stateRoot payoutRoot balanceRoot
    reportHash slashListHash nextCommitteeHash
  }
  epoch(number: $epoch) {
    number digest finality verified problem
    certificate { signers absent power totalPower quorum signature }
  }
}`);
