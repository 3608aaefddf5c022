import {
  ByteListType,
  ContainerType,
  ListBasicType,
  ListCompositeType,
  UintBigintType,
  type ValueOf,
} from "@chainsafe/ssz";
import {
  GRANT_EPOCHS,
  MAX_ACCOUNTS,
  MAX_COMMITTEE,
  MAX_COMMODITIES,
  MAX_ENDPOINT_BYTES,
  MAX_NODES,
  MAX_REPORTED_PEERS,
  MAX_SERVICES,
} from "#protocol/params/limits.ts";
import { Committee } from "#protocol/types/committee.ts";
import { L2Checkpoint } from "#protocol/types/consensus.ts";
import {
  Bytes20,
  Bytes32,
  Bytes48,
  Counter64,
  Uint8,
  Uint32,
  Uint64,
  Uint128,
} from "#protocol/types/primitives.ts";
import { COMPONENTS, PeerReport } from "#protocol/types/reputation.ts";

const Uint256 = new UintBigintType(32);
export const MAX_SESSIONS = 2 ** 32;
export const MAX_LANES = 2 ** 32;
export const MAX_DELEGATES = 2 ** 32;
export const MAX_RESERVATIONS = 2 ** 32;
export const MAX_WORK = 2 ** 32;
export const MAX_PARAMETERS = 256;
export const MAX_PENDING_REPORTS = 65_536;

/** What is there once: clocks, cursors, totals. */
export const Meta = new ContainerType(
  {
    networkId: Bytes32,
    /** Unix ms of the start of epoch 0 */
    startTime: Counter64,
    epoch: Counter64,
    /** executed in this epoch */
    blocks: Counter64,
    /** executed in all */
    totalBlocks: Counter64,
    /** applied in this epoch */
    transactions: Counter64,
    /** Unix ms: of the last block, of the start of this epoch, and of its earliest close */
    time: Counter64,
    openTime: Counter64,
    epochEnd: Counter64,
    l2View: L2Checkpoint,
    /** beacon seed of this epoch, and of the next as far as it is folded */
    seed: Bytes32,
    nextSeed: Bytes32,
    /** settlement digest of the epoch before, or the genesis digest; zero until block 0 of the epoch */
    opening: Bytes32,
    /** micro-USD: deposits ever credited, balances, cumulative payouts */
    totalDeposits: Uint128,
    totalBalances: Uint128,
    totalPayoutStable: Uint128,
    /** wei, cumulative */
    totalPayoutFlk: Uint128,
    /** Unix ms of the start of the protocol year; FLK supply (wei) at the start of the network, and of that year */
    yearStart: Counter64,
    genesisSupply: Uint128,
    supplyAtYearStart: Uint128,
  },
  { typeName: "Meta" },
);
export type Meta = ValueOf<typeof Meta>;

export const AccountRecord = new ContainerType(
  {
    account: Bytes20,
    balance: Uint64,
    depositsSeen: Uint64,
    nonce: Counter64,
    payoutStable: Uint128,
    payoutFlk: Uint128,
    /** micro-USD left of its reservations of `reservedEpoch` and of the epoch before: rolled when the account is next written */
    reservedEpoch: Counter64,
    reserved: Uint64,
    reservedPrevious: Uint64,
    /** micro-USD asked for on the L2 that a reservation holds: paid at a close, as far as it is free then */
    withdrawing: Uint64,
    /** bytes of its transactions in `quotaEpoch` */
    quotaEpoch: Counter64,
    quotaBytes: Counter64,
  },
  { typeName: "AccountRecord" },
);
export type AccountRecord = ValueOf<typeof AccountRecord>;

/**
 * `spent` belongs to `spentEpoch`, `spentPrevious` to the epoch before it: rolled when the session is next written; so is
 * what is left of its reservations and of its subkeys'. `reservations` and `delegatedReservations` count those of `spentEpoch`.
 */
export const SessionRecord = new ContainerType(
  {
    account: Bytes20,
    key: Bytes32,
    expiryEpoch: Counter64,
    limit: Uint64,
    spentEpoch: Counter64,
    spent: Uint64,
    spentPrevious: Uint64,
    reserved: Uint64,
    reservedPrevious: Uint64,
    reservations: Uint32,
    delegatedReservations: Uint32,
    /** 1: it serves for nothing new, and is paid for what it acknowledged until the end of `expiryEpoch` */
    revoked: Uint8,
  },
  { typeName: "SessionRecord" },
);
export type SessionRecord = ValueOf<typeof SessionRecord>;

export const NodeRecord = new ContainerType(
  {
    nodeId: Uint32,
    owner: Bytes20,
    /** who is credited for the node */
    payee: Bytes20,
    keyVersion: Uint32,
    consensusKey: Bytes48,
    networkKey: Bytes32,
    endpoints: new ByteListType(MAX_ENDPOINT_BYTES),
    stake: Uint128,
    thawing: Uint128,
    /** Unix seconds, 0: never locked */
    lockedUntil: Uint64,
    optedIn: Uint8,
    reputation: Uint8,
    nonce: Counter64,
    /** first epoch that began with the stake at the minimum; 0: staked from the start of the network */
    stakedFrom: Counter64,
    /** bytes of its transactions in `quotaEpoch` */
    quotaEpoch: Counter64,
    quotaBytes: Counter64,
    /** highest sequence number used, and by bits from the lowest which of the window's are, that one first */
    sequence: Counter64,
    usedSequences: Uint256,
  },
  { typeName: "NodeRecord" },
);
export type NodeRecord = ValueOf<typeof NodeRecord>;

/** micro-USD per 10^9 units by commodity: of this epoch, the one before, the next. */
export const ServiceRecord = new ContainerType(
  {
    serviceId: Uint32,
    owner: Bytes20,
    prices: new ListBasicType(Uint64, MAX_COMMODITIES),
    previousPrices: new ListBasicType(Uint64, MAX_COMMODITIES),
    nextPrices: new ListBasicType(Uint64, MAX_COMMODITIES),
  },
  { typeName: "ServiceRecord" },
);
export type ServiceRecord = ValueOf<typeof ServiceRecord>;

/** `active` is 0 until the first epoch boundary after the parameter was first set. */
export const ParameterRecord = new ContainerType(
  { key: Bytes32, active: Uint8, value: Uint256, next: Uint256 },
  { typeName: "ParameterRecord" },
);
export type ParameterRecord = ValueOf<typeof ParameterRecord>;

/** What is recorded as paid in a lane. */
export const LaneRecord = new ContainerType(
  { id: Bytes32, count: Uint32, units: Uint64 },
  { typeName: "LaneRecord" },
);
export type LaneRecord = ValueOf<typeof LaneRecord>;

/** Lanes of one session or delegated key at one node that were paid in one epoch; `delegated`: those of the session's subkeys. */
export const LaneCountRecord = new ContainerType(
  { account: Bytes20, session: Bytes32, node: Uint32, lanes: Uint32, delegated: Uint32 },
  { typeName: "LaneCountRecord" },
);
export type LaneCountRecord = ValueOf<typeof LaneCountRecord>;

/** Locked for a node by a session key in one epoch, and paid out of it; micro-USD. */
export const ReservationRecord = new ContainerType(
  { account: Bytes20, session: Bytes32, node: Uint32, amount: Uint64, paid: Uint64 },
  { typeName: "ReservationRecord" },
);
export type ReservationRecord = ValueOf<typeof ReservationRecord>;

/** What a delegated key spent and has reserved in one epoch, for the session that delegates to it in that epoch; micro-USD. */
export const DelegateRecord = new ContainerType(
  {
    account: Bytes20,
    subkey: Bytes32,
    session: Bytes32,
    spent: Uint64,
    reserved: Uint64,
    reservations: Uint32,
  },
  { typeName: "DelegateRecord" },
);
export type DelegateRecord = ValueOf<typeof DelegateRecord>;

/** Work paid in this epoch. `revenue` in micro-USD. */
export const WorkRecord = new ContainerType(
  {
    node: Uint32,
    service: Uint32,
    commodity: Uint8,
    units: Uint64,
    deliveries: Counter64,
    lanes: Counter64,
    revenue: Uint64,
  },
  { typeName: "WorkRecord" },
);
export type WorkRecord = ValueOf<typeof WorkRecord>;

/** What the schedule has for a node and an epoch (wei), and the buyback part of its revenue (micro-USD). */
export const PendingGrant = new ContainerType(
  { node: Uint32, scheduled: Uint128, buyback: Uint64 },
  { typeName: "PendingGrant" },
);
export type PendingGrant = ValueOf<typeof PendingGrant>;

/** What a closed epoch may grant. It waits for the lot that sells its buyback, and then for the next close. */
export const PendingGrants = new ContainerType(
  {
    epoch: Counter64,
    /** whom the buyback was paid to */
    auction: Bytes20,
    kappaBps: Uint64,
    /** 1 once its lot has closed: from there on the next two are set */
    lotClosed: Uint8,
    /** micro-USD: buyback parts of all epochs of the lot; wei: burned for them */
    lotBuyback: Uint64,
    lotBurn: Uint128,
    /** ascending by node; empty once granted */
    grants: new ListCompositeType(PendingGrant, MAX_NODES),
  },
  { typeName: "PendingGrants" },
);
export type PendingGrants = ValueOf<typeof PendingGrants>;

/** A checkpoint above the view that a member of this epoch's committee reported. */
export const PendingReport = new ContainerType(
  { number: Counter64, hash: Bytes32, node: Uint32 },
  { typeName: "PendingReport" },
);
export type PendingReport = ValueOf<typeof PendingReport>;

export const PendingReports = new ListCompositeType(PendingReport, MAX_PENDING_REPORTS);
export type PendingReports = ValueOf<typeof PendingReports>;
/** nodeIds ascending: the snapshot that the next draw uses. */
export const EligibleNodes = new ListBasicType(Uint32, MAX_NODES);

/** nodeIds by rank: who observes whom in this epoch (REP-RING). */
export const ObservationRing = new ListBasicType(Uint32, MAX_NODES);

/** What a node submitted about the peers that it observes in this epoch. */
export const ReportRecord = new ContainerType(
  { reporter: Uint32, peers: new ListCompositeType(PeerReport, MAX_REPORTED_PEERS) },
  { typeName: "ReportRecord" },
);
export type ReportRecord = ValueOf<typeof ReportRecord>;

/** Reputation of a node at the last close; `share` of 2^52. */
export const StandingRecord = new ContainerType(
  {
    node: Uint32,
    ...COMPONENTS,
    share: Counter64,
    /** 1 once enough trust has measured it */
    measured: Uint8,
    /** reports about it in the last epoch */
    reporters: Uint32,
    /** 1 while it is out by a floor (REP-FLOOR) */
    out: Uint8,
  },
  { typeName: "StandingRecord" },
);
export type StandingRecord = ValueOf<typeof StandingRecord>;

/** After the last block; outside the state root, which the block itself covers. `check`: digest of the other two. */
export const Head = new ContainerType(
  { blockRoot: Bytes32, stateRoot: Bytes32, check: Bytes32 },
  { typeName: "Head" },
);
export type Head = ValueOf<typeof Head>;

/** The whole state. `stateRoot` = hashTreeRoot(StateRecord); state.ts computes it incrementally. */
export const StateRecord = new ContainerType(
  {
    meta: Meta,
    committee: Committee,
    eligible: EligibleNodes,
    reports: PendingReports,
    accounts: new ListCompositeType(AccountRecord, MAX_ACCOUNTS),
    sessions: new ListCompositeType(SessionRecord, MAX_SESSIONS),
    nodes: new ListCompositeType(NodeRecord, MAX_NODES),
    services: new ListCompositeType(ServiceRecord, MAX_SERVICES),
    parameters: new ListCompositeType(ParameterRecord, MAX_PARAMETERS),
    lanes: new ListCompositeType(LaneRecord, MAX_LANES),
    previousLanes: new ListCompositeType(LaneRecord, MAX_LANES),
    laneCounts: new ListCompositeType(LaneCountRecord, MAX_LANES),
    previousLaneCounts: new ListCompositeType(LaneCountRecord, MAX_LANES),
    work: new ListCompositeType(WorkRecord, MAX_WORK),
    reservations: new ListCompositeType(ReservationRecord, MAX_RESERVATIONS),
    previousReservations: new ListCompositeType(ReservationRecord, MAX_RESERVATIONS),
    grants: new ListCompositeType(PendingGrants, GRANT_EPOCHS),
    ring: ObservationRing,
    peerReports: new ListCompositeType(ReportRecord, MAX_NODES),
    standings: new ListCompositeType(StandingRecord, MAX_NODES),
    delegates: new ListCompositeType(DelegateRecord, MAX_DELEGATES),
    previousDelegates: new ListCompositeType(DelegateRecord, MAX_DELEGATES),
  },
  { typeName: "StateRecord" },
);
export type StateRecord = ValueOf<typeof StateRecord>;

/** Bounds a member's undecided reports, so that a faulty one cannot grow the state. */
export const MAX_PENDING_REPORTS_PER_NODE = Math.floor(MAX_PENDING_REPORTS / MAX_COMMITTEE);
