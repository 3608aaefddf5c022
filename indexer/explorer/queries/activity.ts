import { document } from "../graphql/request.ts";
import { CHAIN_TRANSACTION, CONNECTION } from "./fields.ts";
import type { ChainTransaction } from "./transactions.ts";
import type { Connection, Finality } from "./types.ts";

export interface Lane {
  id: string;
  epoch: number;
  nodeId: number;
  service: number;
  commodity: number;
  deliveries: number;
  units: string;
  revenue: string;
  finality: Finality;
}

export interface Session {
  key: string;
  limit: string;
  expiryEpoch: number;
  revokedHeight: number | null;
}

export interface AccountActivity {
  lanes: Connection<Lane>;
  sessions: Connection<Session>;
  withdrawals: Connection<{ amount: string; epoch: number; time: number; txId: string | null }>;
  transactions: Connection<ChainTransaction>;
}

export interface AccountActivityVariables {
  address: string;
  first: number;
  lanes: string | null;
  transactions: string | null;
}

export const accountActivityQuery = document<
  { account: AccountActivity | null },
  AccountActivityVariables
>(`query AccountActivity($address: Address!, $first: Int!, $lanes: String, $transactions: String) {
  account(address: $address) {
    lanes(first: $first, after: $lanes) {
      ${CONNECTION}
      nodes { id epoch nodeId service commodity deliveries units revenue finality }
    }
    sessions(first: 20) { ${CONNECTION} nodes { key limit expiryEpoch revokedHeight } }
    withdrawals(first: 20) { ${CONNECTION} nodes { amount epoch time txId } }
    transactions(first: $first, after: $transactions) {
      ${CONNECTION}
      nodes { ${CHAIN_TRANSACTION} }
    }
  }
}`);

export interface NodeHistory {
  thawRequests: Connection<{
    request: number;
    amount: string;
    remaining: string;
    maturesAt: number;
    state: string;
    txHash: string;
  }>;
  slashes: Connection<{
    amount: string;
    reward: string;
    reporter: string | null;
    epoch: number | null;
    time: number;
    txHash: string;
  }>;
  stakeLocks: Connection<{ lockedUntil: number; time: number; txHash: string }>;
}

export const nodeHistoryQuery = document<
  { node: NodeHistory | null },
  { id: number }
>(`query NodeHistory($id: Int!) {
  node(id: $id) {
    thawRequests(first: 20) { ${CONNECTION} nodes { request amount remaining maturesAt state txHash } }
    slashes(first: 20) { ${CONNECTION} nodes { amount reward reporter epoch time txHash } }
    stakeLocks(first: 20) { ${CONNECTION} nodes { lockedUntil time txHash } }
  }
}`);
