import { document } from "../graphql/request.ts";
import { CONNECTION } from "./fields.ts";
import type { Connection, Finality, PageVariables } from "./types.ts";

export interface AccountRow {
  address: string;
  roles: string[];
  deposits: string;
  balance: string;
  payoutStable: string;
  payoutFlk: string;
  claimableStable: string;
  claimableFlk: string;
}

export interface AccountsVariables extends PageVariables {
  role: string | null;
  orderBy: string;
  direction: string;
}

const AMOUNTS = "address roles deposits balance payoutStable payoutFlk claimableStable claimableFlk";

export const accountsQuery = document<
  { accounts: Connection<AccountRow> },
  AccountsVariables
>(`query Accounts($first: Int!, $after: String, $role: Role, $orderBy: AccountOrder, $direction: Direction) {
  accounts(first: $first, after: $after, role: $role, orderBy: $orderBy, direction: $direction) {
    ${CONNECTION}
    nodes { ${AMOUNTS} }
  }
}`);

export interface Earning {
  earnedStable: string;
  earnedFlk: string;
  withdrawnStable: string;
  settledStable: string;
  claimedStable: string;
  claimedFlk: string;
  claimableStable: string;
  claimableFlk: string;
}

export interface AccountEpoch {
  epoch: number;
  balance: string;
  payoutStable: string;
  payoutFlk: string;
  finality: Finality;
  earning: Earning | null;
}

export interface Transfer {
  txHash: string;
  block: number;
}

export interface AccountDetail extends AccountRow {
  settledEpoch: number | null;
  settledBalance: string;
  claimedStable: string;
  claimedFlk: string;
  escaped: string;
  payee: string;
  nodes: Connection<{ id: number; stake: string; reputation: number | null }>;
  epochs: Connection<AccountEpoch>;
  charted: { nodes: { epoch: number; balance: string }[] };
  depositHistory: Connection<Transfer & { amount: string; total: string; from: string }>;
  claims: Connection<Transfer & { stable: string; flk: string; payee: string }>;
}

export interface AccountVariables {
  address: string;
  first: number;
  epochs: string | null;
  deposits: string | null;
  claims: string | null;
}

export const accountQuery = document<
  { account: AccountDetail | null },
  AccountVariables
>(`query Account($address: Address!, $first: Int!, $epochs: String, $deposits: String, $claims: String) {
  account(address: $address) {
    ${AMOUNTS}
    settledEpoch settledBalance claimedStable claimedFlk escaped payee
    nodes(first: 50) { ${CONNECTION} nodes { id stake reputation } }
    charted: epochs(first: 60) { nodes { epoch balance } }
    epochs(first: $first, after: $epochs) {
      ${CONNECTION}
      nodes {
        epoch balance payoutStable payoutFlk finality
        earning { earnedStable earnedFlk withdrawnStable settledStable claimedStable claimedFlk claimableStable claimableFlk }
      }
    }
    depositHistory(first: $first, after: $deposits) { ${CONNECTION} nodes { amount total from txHash block } }
    claims(first: $first, after: $claims) { ${CONNECTION} nodes { stable flk payee txHash block } }
  }
}`);
