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
  /** of all committed blocks, in their order, by the first node: every acknowledgement that was not refused */
  acks: AckFacts[];
  /** of the same blocks, in their order: what gives clients money to pay with, and what sets it apart */
  money: MoneyFacts[];
  graphql: GraphqlFacts;
}

export interface MoneyFacts {
  /** acknowledgements in `acks` that were before it */
  before: number;
  account: string;
  /** a deposit that a block applied; a session key with its limit per epoch; what a key reserved for a node in all, in an epoch */
  what: "deposit" | { session: string } | { session: string; node: number; epoch: number };
  /** micro-USD */
  amount: string;
}

export interface AckFacts {
  /** that executed it, and that it names */
  inEpoch: number;
  epoch: number;
  account: string;
  session: string;
  /** all that names its lane, hex */
  lane: string;
  node: number;
  service: number;
  commodity: number;
  /** deliveries and units of its lane so far */
  count: number;
  units: string;
  status: string;
  /** micro-USD that the block took from the account for it */
  paid: string;
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
  /** EpochSettlement.Started: Unix ms, L2 block, and the FLK of the time (wei) */
  start: { time: number; block: number; flkSupply: string };
  /** ProtocolParameters logs in order: those that the money rules read, amounts as uint256 */
  parameters: { key: string; value: string; block: number }[];
  /** NodeStaking logs in order: who is paid for a node, and until when its stake is locked (Unix seconds) */
  payees: { nodeId: number; payee: string; block: number }[];
  locks: { nodeId: number; until: string; block: number }[];
  /** ServiceRegistry logs in order: micro-USD per 10^9 units */
  prices: { service: number; commodity: number; price: string; block: number }[];
  /** BuybackAuction.LotClosed logs: epochs inclusive, micro-USD, wei */
  lots: LotFacts[];
  /** FLK Transfer logs to the zero address, but for those of the staking contract, which burns what it slashes: their sum */
  flkBurned: string;
}

export interface LotFacts {
  auction: string;
  fromEpoch: number;
  toEpoch: number;
  sold: string;
  rolled: string;
  burned: string;
  counted: string;
  block: number;
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
  lanes: number;
  /** bytes and ms together */
  units: string;
  revenue: string;
  treasury: string;
  buyback: string;
  flkScheduled: string;
  flkMinted: string;
  /** Unix ms */
  openTime: number;
  closeTime: number;
  committee: number[];
  nodes: NodeReportFacts[];
  services: { service: number; owner: string; revenue: string; reward: string }[];
  grants: { epoch: number; lotBuyback: string; lotBurn: string; flk: string }[];
  payouts: { account: string; stable: string; flk: string }[];
  balances: { account: string; balance: string; depositsSeen: string }[];
}

export interface NodeReportFacts {
  node: number;
  revenue: string;
  reward: string;
  buyback: string;
  scheduledFlk: string;
  rewardFlk: string;
  work: WorkFacts[];
}

/** What was paid of one service and commodity: bytes of 0, ms of 1. */
export interface WorkFacts {
  service: number;
  commodity: number;
  units: string;
  deliveries: number;
  lanes: number;
  revenue: string;
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
  epochs: { epoch: number; revenue: string; flkScheduled: string; flkMinted: string; deliveries: number }[];
  /** FLK of a node at the close of an epoch */
  rewards: { epoch: number; nodeId: number; scheduledFlk: string; rewardFlk: string }[];
  work: ({ epoch: number; nodeId: number } & WorkFacts)[];
}

export interface Problem {
  area: "conserved" | "sameStateRoot" | "indexerAgrees" | "active";
  text: string;
}

/** Notes a problem of `area` unless `got` is `wanted`. */
export type Expect = (area: Problem["area"], what: string, got: unknown, wanted: unknown) => void;
