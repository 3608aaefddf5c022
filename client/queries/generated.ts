import type { IndexerQuery } from "./indexer-client.ts";

// Generated from documents.graphql and the schema of the indexer by `npm run generate`.

type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** How sure a record is. COMMITTED: certified by the committee of the protocol chain. SETTLED: its epoch is posted on the L2 with the same digest, waiting to become active. FINAL: its epoch is active on the L2, so that it can be claimed, in a block that is final; or, of what the L2 itself says, in a final block. Only a verified epoch is SETTLED or FINAL. */
export type Finality =
  /** Certified on the protocol chain only, or not verified. */
  | "COMMITTED"
  /** Active on the L2, or said by the L2, in a final block. */
  | "FINAL"
  /** Posted on the L2 with the same digest, held or not, and not active in a final block yet. */
  | "SETTLED";

/** Why a settlement is held. */
export type HoldReason =
  /** It closes no later than the one before, or too far ahead of the L2. */
  | "CLOSE_TIME"
  /** Somebody proved that its next committee is wrong. */
  | "COMMITTEE"
  /** It adds more FLK to the payouts than the limit for one epoch. */
  | "FLK_LIMIT"
  /** The vault did not cover it when it was due. */
  | "INSOLVENT"
  /** It names no next committee. */
  | "NO_COMMITTEE"
  /** It adds more stablecoin to the payouts than the limit for one epoch. */
  | "STABLE_LIMIT"
  /** Its totals fall, or do not fit. */
  | "TOTALS"
  /** The guardian vetoed it. */
  | "VETO";

/** What an account is: it may be several things at once. */
export type Role =
  /** The share of the revenue that buys back FLK is paid to it. */
  | "BUYBACK"
  /** Deposits were made for it, or it paid for deliveries. */
  | "CLIENT"
  /** It owns a node. */
  | "OPERATOR"
  /** It owns a service. */
  | "SERVICE_OWNER"
  /** The treasury's share of the revenue is paid to it. */
  | "TREASURY";

/** How far a settlement is on the L2. */
export type SettlementState =
  /** Claims go against it, or against a later one. */
  | "ACTIVE"
  /** Waits for governance to release it, or to restart without it. */
  | "HELD"
  /** Posted: anyone may make it active from `activatesAt` on. */
  | "PENDING"
  /** Set aside by a restart: it will never be active. */
  | "VOIDED";

export type StatusQueryVariables = Exact<{ [key: string]: never }>;

export type StatusQuery = {
  readonly _meta: {
    readonly ready: boolean;
    readonly reasons: ReadonlyArray<string>;
    readonly l2Block: number;
    readonly l2Finalized: number;
    readonly height: number;
    readonly epoch: number;
    readonly lag: number | null;
    readonly l2Lag: number | null;
  };
};

export type AccountQueryVariables = Exact<{
  address: string;
}>;

export type AccountQuery = {
  readonly account: {
    readonly address: string;
    readonly roles: ReadonlyArray<Role>;
    readonly deposits: string;
    readonly balance: string;
    readonly payoutStable: string;
    readonly payoutFlk: string;
    readonly claimedStable: string;
    readonly claimedFlk: string;
    readonly claimableStable: string;
    readonly claimableFlk: string;
    readonly depositHistory: {
      readonly nodes: ReadonlyArray<{
        readonly amount: string;
        readonly total: string;
        readonly from: string;
        readonly txHash: string;
        readonly block: number;
      }>;
    };
    readonly claims: {
      readonly nodes: ReadonlyArray<{
        readonly payee: string;
        readonly stable: string;
        readonly flk: string;
        readonly txHash: string;
        readonly block: number;
      }>;
    };
  } | null;
};

export type AccountsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;

export type AccountsQuery = {
  readonly accounts: {
    readonly totalCount: number;
    readonly nodes: ReadonlyArray<{
      readonly address: string;
      readonly roles: ReadonlyArray<Role>;
      readonly deposits: string;
      readonly balance: string;
      readonly payoutStable: string;
      readonly payoutFlk: string;
      readonly claimedStable: string;
      readonly claimedFlk: string;
    }>;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
};

export type EarningsQueryVariables = Exact<{
  address: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;

export type EarningsQuery = {
  readonly account: {
    readonly payoutStable: string;
    readonly payoutFlk: string;
    readonly claimableStable: string;
    readonly claimableFlk: string;
    readonly epochs: {
      readonly nodes: ReadonlyArray<{
        readonly epoch: number;
        readonly finality: Finality;
        readonly earning: {
          readonly earnedStable: string;
          readonly earnedFlk: string;
          readonly withdrawnStable: string;
          readonly settledStable: string;
          readonly settledFlk: string;
          readonly claimedStable: string;
          readonly claimedFlk: string;
          readonly claimableStable: string;
          readonly claimableFlk: string;
        } | null;
      }>;
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    };
  } | null;
};

export type NodesQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;

export type NodesQuery = {
  readonly nodes: {
    readonly totalCount: number;
    readonly nodes: ReadonlyArray<{
      readonly id: number;
      readonly owner: string;
      readonly stake: string;
      readonly thawing: string;
      readonly slashed: string;
      readonly optedIn: boolean;
      readonly endpoints: ReadonlyArray<string>;
      readonly reputation: number | null;
    }>;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
};

export type NodeHistoryQueryVariables = Exact<{
  id: number;
  first?: number | null | undefined;
}>;

export type NodeHistoryQuery = {
  readonly node: {
    readonly id: number;
    readonly owner: string;
    readonly payee: string;
    readonly operator: string | null;
    readonly stake: string;
    readonly lockedUntil: number | null;
    readonly reputation: number | null;
    readonly epochs: {
      readonly nodes: ReadonlyArray<{
        readonly epoch: number;
        readonly stake: string;
        readonly reputation: number;
        readonly inCommittee: boolean;
        readonly revenue: string;
        readonly rewardStable: string;
        readonly rewardFlk: string;
        readonly work: ReadonlyArray<{
          readonly service: number;
          readonly commodity: number;
          readonly units: string;
          readonly deliveries: number;
          readonly lanes: number;
          readonly revenue: string;
        }>;
      }>;
    };
  } | null;
};

export type EpochsQueryVariables = Exact<{
  first?: number | null | undefined;
}>;

export type EpochsQuery = {
  readonly epochs: {
    readonly nodes: ReadonlyArray<{
      readonly number: number;
      readonly openTime: number;
      readonly closeTime: number | null;
      readonly blocks: number;
      readonly transactions: number;
      readonly deliveries: number | null;
      readonly bytes: string | null;
      readonly ms: string | null;
      readonly revenue: string | null;
      readonly flkMinted: string | null;
      readonly verified: boolean;
      readonly problem: string | null;
      readonly finality: Finality;
      readonly committee: ReadonlyArray<number>;
    }>;
  };
};

export type EpochAccountsQueryVariables = Exact<{
  epoch: number;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;

export type EpochAccountsQuery = {
  readonly epoch: {
    readonly number: number;
    readonly finality: Finality;
    readonly accounts: {
      readonly nodes: ReadonlyArray<{
        readonly account: string;
        readonly deposits: string;
        readonly balance: string;
        readonly payoutStable: string;
        readonly payoutFlk: string;
      }>;
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    };
  } | null;
};

export type SettlementsQueryVariables = Exact<{
  first?: number | null | undefined;
}>;

export type SettlementsQuery = {
  readonly settlements: {
    readonly nodes: ReadonlyArray<{
      readonly epoch: number;
      readonly digest: string;
      readonly state: SettlementState;
      readonly heldFor: ReadonlyArray<HoldReason>;
      readonly activatesAt: number;
      readonly activatedBlock: number | null;
      readonly txHash: string;
      readonly gasUsed: string;
      readonly totalBalances: string;
      readonly totalPayoutStable: string;
      readonly totalPayoutFlk: string;
    }>;
  };
};

export type BlocksQueryVariables = Exact<{
  first?: number | null | undefined;
}>;

export type BlocksQuery = {
  readonly blocks: {
    readonly nodes: ReadonlyArray<{
      readonly height: number;
      readonly epoch: number;
      readonly index: number;
      readonly time: number;
      readonly transactions: number;
      readonly blockRoot: string;
      readonly stateRoot: string;
    }>;
  };
};

export type DepositsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;

export type DepositsQuery = {
  readonly deposits: {
    readonly nodes: ReadonlyArray<{
      readonly account: string;
      readonly from: string;
      readonly amount: string;
      readonly total: string;
      readonly txHash: string;
      readonly block: number;
    }>;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
};

export type ClaimsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;

export type ClaimsQuery = {
  readonly claims: {
    readonly nodes: ReadonlyArray<{
      readonly account: string;
      readonly payee: string;
      readonly stable: string;
      readonly flk: string;
      readonly txHash: string;
      readonly block: number;
    }>;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
};

export type ServicesQueryVariables = Exact<{ [key: string]: never }>;

export type ServicesQuery = {
  readonly services: {
    readonly nodes: ReadonlyArray<{
      readonly id: number;
      readonly owner: string;
      readonly metadataUri: string;
      readonly prices: ReadonlyArray<{ readonly commodity: number; readonly price: string }>;
    }>;
  };
  readonly parameters: { readonly nodes: ReadonlyArray<{ readonly key: string; readonly value: string }> };
};

export const Status: IndexerQuery<StatusQuery, StatusQueryVariables> = {
  text: `query Status {
  _meta {
    ready
    reasons
    l2Block
    l2Finalized
    height
    epoch
    lag
    l2Lag
  }
}`,
  sha256: "975da34d166be429b81772edc0189621bebbd9f399636ab9cd9ace3d76367004",
};

export const Account: IndexerQuery<AccountQuery, AccountQueryVariables> = {
  text: `query Account($address: Address!) {
  account(address: $address) {
    address
    roles
    deposits
    balance
    payoutStable
    payoutFlk
    claimedStable
    claimedFlk
    claimableStable
    claimableFlk
    depositHistory(first: 10) {
      nodes {
        amount
        total
        from
        txHash
        block
      }
    }
    claims(first: 10) {
      nodes {
        payee
        stable
        flk
        txHash
        block
      }
    }
  }
}`,
  sha256: "eaac63a4f071df0111f6e11e72ee6efccc55f649a7be5f9dbb18d42342f9bb38",
};

export const Accounts: IndexerQuery<AccountsQuery, AccountsQueryVariables> = {
  text: `query Accounts($first: Int, $after: String) {
  accounts(first: $first, after: $after) {
    totalCount
    nodes {
      address
      roles
      deposits
      balance
      payoutStable
      payoutFlk
      claimedStable
      claimedFlk
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}`,
  sha256: "4d330cedc3d785b80b77b50e7aa26db5abc2770997dda09f986daeddcc6c8b98",
};

export const Earnings: IndexerQuery<EarningsQuery, EarningsQueryVariables> = {
  text: `query Earnings($address: Address!, $first: Int, $after: String) {
  account(address: $address) {
    payoutStable
    payoutFlk
    claimableStable
    claimableFlk
    epochs(first: $first, after: $after) {
      nodes {
        epoch
        finality
        earning {
          earnedStable
          earnedFlk
          withdrawnStable
          settledStable
          settledFlk
          claimedStable
          claimedFlk
          claimableStable
          claimableFlk
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}`,
  sha256: "03cd717768ef676d63d90b3630f86fbc927ca79958b9c794270fb6098e72f498",
};

export const Nodes: IndexerQuery<NodesQuery, NodesQueryVariables> = {
  text: `query Nodes($first: Int, $after: String) {
  nodes(first: $first, after: $after) {
    totalCount
    nodes {
      id
      owner
      stake
      thawing
      slashed
      optedIn
      endpoints
      reputation
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}`,
  sha256: "476aecbcac0f10e24b5ed6ff20be575ea31663f86c6d9ed290f46e3b369694cb",
};

export const NodeHistory: IndexerQuery<NodeHistoryQuery, NodeHistoryQueryVariables> = {
  text: `query NodeHistory($id: Int!, $first: Int) {
  node(id: $id) {
    id
    owner
    payee
    operator
    stake
    lockedUntil
    reputation
    epochs(first: $first) {
      nodes {
        epoch
        stake
        reputation
        inCommittee
        revenue
        rewardStable
        rewardFlk
        work {
          service
          commodity
          units
          deliveries
          lanes
          revenue
        }
      }
    }
  }
}`,
  sha256: "795a21751411383562b1f65ca6b1be6ebe468729ceb5ce75549d134eb21b752a",
};

export const Epochs: IndexerQuery<EpochsQuery, EpochsQueryVariables> = {
  text: `query Epochs($first: Int) {
  epochs(first: $first, direction: DESC) {
    nodes {
      number
      openTime
      closeTime
      blocks
      transactions
      deliveries
      bytes
      ms
      revenue
      flkMinted
      verified
      problem
      finality
      committee
    }
  }
}`,
  sha256: "9f142f84e1480e478bab328d391d035bc18d92b8e24368af30ff8a01e170d5da",
};

export const EpochAccounts: IndexerQuery<EpochAccountsQuery, EpochAccountsQueryVariables> = {
  text: `query EpochAccounts($epoch: Int!, $first: Int, $after: String) {
  epoch(number: $epoch) {
    number
    finality
    accounts(first: $first, after: $after) {
      nodes {
        account
        deposits
        balance
        payoutStable
        payoutFlk
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}`,
  sha256: "3d7dff4931cb1c15458aad65f037b487101d194d9245313f7740444bf15fa41f",
};

export const Settlements: IndexerQuery<SettlementsQuery, SettlementsQueryVariables> = {
  text: `query Settlements($first: Int) {
  settlements(first: $first, direction: DESC) {
    nodes {
      epoch
      digest
      state
      heldFor
      activatesAt
      activatedBlock
      txHash
      gasUsed
      totalBalances
      totalPayoutStable
      totalPayoutFlk
    }
  }
}`,
  sha256: "aac01af58ffe88c1a2b3aec7fe108ace3459b56946874cb19f7cb2836a3d98e8",
};

export const Blocks: IndexerQuery<BlocksQuery, BlocksQueryVariables> = {
  text: `query Blocks($first: Int) {
  blocks(first: $first, direction: DESC) {
    nodes {
      height
      epoch
      index
      time
      transactions
      blockRoot
      stateRoot
    }
  }
}`,
  sha256: "d05a094778e638ffe337f92eae792f7ec0cae6de1ba22db140f51c94aee7570c",
};

export const Deposits: IndexerQuery<DepositsQuery, DepositsQueryVariables> = {
  text: `query Deposits($first: Int, $after: String) {
  deposits(first: $first, after: $after, direction: DESC) {
    nodes {
      account
      from
      amount
      total
      txHash
      block
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}`,
  sha256: "049d68c4b39522a499671c53c8b7ac0101d5db67a8ac55449f853f5b92eed5e6",
};

export const Claims: IndexerQuery<ClaimsQuery, ClaimsQueryVariables> = {
  text: `query Claims($first: Int, $after: String) {
  claims(first: $first, after: $after, direction: DESC) {
    nodes {
      account
      payee
      stable
      flk
      txHash
      block
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}`,
  sha256: "37b30f8ac0dbeda4dd5c65226159ce4fd9a2d6683f09ca00499958a65671a560",
};

export const Services: IndexerQuery<ServicesQuery, ServicesQueryVariables> = {
  text: `query Services {
  services(first: 1000) {
    nodes {
      id
      owner
      metadataUri
      prices {
        commodity
        price
      }
    }
  }
  parameters(first: 1000) {
    nodes {
      key
      value
    }
  }
}`,
  sha256: "895aa408bf282dd7949f949773ca9168c69a633f0d198f54217630714a1f1c56",
};

export const QUERIES = [
  Status,
  Account,
  Accounts,
  Earnings,
  Nodes,
  NodeHistory,
  Epochs,
  EpochAccounts,
  Settlements,
  Blocks,
  Deposits,
  Claims,
  Services,
] as const;
