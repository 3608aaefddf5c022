/**
 * Everything the audit judges, as plain JSON: amounts are decimal strings in base units (micro-USD, wei), addresses
 * lower-case 0x hex. No field is here that no rule reads.
 */
export interface Snapshot {
  /** settled epochs that the run asked for */
  epochs: number;
  l2: L2Facts;
  /** one entry per node, in the order of the RPC URLs */
  nodes: NodeFacts[];
  graphql: GraphqlFacts;
}

export interface L2Facts {
  /** ClientVault logs */
  deposits: { account: string; amount: string; block: number }[];
  /** EpochSettlement logs: posted, and which of them became active */
  settlements: SettlementFacts[];
  activations: { epoch: number; block: number; flkMinted: string }[];
  claims: { account: string; stable: string; flk: string; block: number }[];
  /** FLK Transfer logs from the zero address to EpochSettlement */
  rewardMints: { amount: string; block: number }[];
  /** the settlement's own books */
  claimed: { account: string; stable: string; flk: string }[];
  /** token balances */
  vaultStable: string;
  settlementStable: string;
  settlementFlk: string;
  /** NodeStaking */
  stakes: { nodeId: number; staked: string; thawing: string }[];
  stakingFlk: string;
}

export interface SettlementFacts {
  epoch: number;
  block: number;
  l2Number: number;
  stateRoot: string;
  payoutRoot: string;
  balanceRoot: string;
  reportHash: string;
  totalBalances: string;
  totalPayoutStable: string;
  totalPayoutFlk: string;
}

export interface NodeFacts {
  /** the closing block of each settled epoch: the named blocks at which all state roots must be the same */
  closing: { height: number; blockRoot: string; stateRoot: string; l2Number: number }[];
  /** balances now, after the load has ended */
  balances: { account: string; balance: string }[];
  /** one per settled epoch */
  reports: ReportFacts[];
}

export interface ReportFacts {
  epoch: number;
  /** SSZ bytes, 0x hex: only hashed here */
  bytes: string;
  blocks: number;
  deliveries: number;
  revenue: string;
  flkMinted: string;
  committee: number[];
  payouts: { account: string; stable: string; flk: string }[];
  balances: { account: string; balance: string; depositsSeen: string }[];
}

export interface GraphqlFacts {
  accounts: {
    account: string;
    deposits: string;
    balance: string;
    payoutStable: string;
    payoutFlk: string;
    claimedStable: string;
    claimedFlk: string;
  }[];
  nodes: { nodeId: number; stake: string; thawing: string }[];
  epochs: { epoch: number; revenue: string; flkMinted: string; deliveries: number }[];
}

export interface Problem {
  area: "conserved" | "sameStateRoot" | "indexerAgrees" | "active";
  text: string;
}
