import { BitListType, ContainerType, ListBasicType, ListCompositeType, type ValueOf } from "@chainsafe/ssz";
import {
  GRANT_EPOCHS,
  MAX_ACCOUNTS,
  MAX_COMMITTEE,
  MAX_COMMODITIES,
  MAX_NODES,
  MAX_SERVICES,
} from "../params/limits.ts";
import { Committee } from "./committee.ts";
import { Bytes20, Bytes32, Bytes96, Counter64, Uint8, Uint32, Uint64, Uint128 } from "./primitives.ts";
import { NodeStanding } from "./reputation.ts";

/** Mirrors the Solidity struct `Settlement` of IEpochSettlement, field by field. */
export const Settlement = new ContainerType(
  {
    epoch: Counter64,
    previous: Bytes32,
    /** Unix ms */
    closeTime: Counter64,
    l2Number: Counter64,
    l2Hash: Bytes32,
    stateRoot: Bytes32,
    payoutRoot: Bytes32,
    balanceRoot: Bytes32,
    reportHash: Bytes32,
    /** micro-USD */
    totalBalances: Uint128,
    /** micro-USD, cumulative */
    totalPayoutStable: Uint128,
    /** wei, cumulative */
    totalPayoutFlk: Uint128,
    slashListHash: Bytes32,
    nextCommitteeHash: Bytes32,
  },
  { typeName: "Settlement" },
);
export type Settlement = ValueOf<typeof Settlement>;

/** Everything that the L2, and the genesis of the next epoch, need. `signers` indexes `committee`. */
export const SettlementCertificate = new ContainerType(
  {
    settlement: Settlement,
    committee: Committee,
    nextCommittee: Committee,
    signers: new BitListType(MAX_COMMITTEE),
    /** compressed G2 */
    signature: Bytes96,
  },
  { typeName: "SettlementCertificate" },
);
export type SettlementCertificate = ValueOf<typeof SettlementCertificate>;

/** Cumulative payouts of an account: a leaf of payoutRoot. */
export const PayoutEntry = new ContainerType(
  { account: Bytes20, stable: Uint128, flk: Uint128 },
  { typeName: "PayoutEntry" },
);
export type PayoutEntry = ValueOf<typeof PayoutEntry>;

/** A leaf of balanceRoot, micro-USD. */
export const BalanceEntry = new ContainerType(
  { account: Bytes20, balance: Uint64, depositsSeen: Uint64 },
  { typeName: "BalanceEntry" },
);
export type BalanceEntry = ValueOf<typeof BalanceEntry>;

export const CommodityUnits = new ContainerType(
  {
    service: Uint32,
    commodity: Uint8,
    units: Uint64,
    deliveries: Counter64,
    lanes: Counter64,
    revenue: Uint64,
  },
  { typeName: "CommodityUnits" },
);
export type CommodityUnits = ValueOf<typeof CommodityUnits>;

export const NodeReport = new ContainerType(
  {
    node: Uint32,
    owner: Bytes20,
    /** wei at the close */
    stake: Uint128,
    optedIn: Uint8,
    /** 0–100 */
    reputation: Uint8,
    standing: NodeStanding,
    work: new ListCompositeType(CommodityUnits, MAX_SERVICES * MAX_COMMODITIES),
    /** micro-USD of this epoch */
    revenue: Uint64,
    rewardStable: Uint64,
    /** micro-USD: the buyback part of its revenue */
    buyback: Uint64,
    /** wei that the schedule has for it in this epoch: the most that the lot of its buyback will grant */
    scheduledFlk: Uint128,
    /** wei granted at this close, for lots that closed in this epoch */
    rewardFlk: Uint128,
  },
  { typeName: "NodeReport" },
);
export type NodeReport = ValueOf<typeof NodeReport>;

export const ServiceReport = new ContainerType(
  { service: Uint32, owner: Bytes20, revenue: Uint64, rewardStable: Uint64 },
  { typeName: "ServiceReport" },
);
export type ServiceReport = ValueOf<typeof ServiceReport>;

/** What the close of an epoch granted for an earlier one, because the lot of its buyback had closed. */
export const GrantReport = new ContainerType(
  {
    /** that earned it */
    epoch: Counter64,
    /** micro-USD: buyback parts of all epochs of the lot; wei: burned for them */
    lotBuyback: Uint64,
    lotBurn: Uint128,
    /** wei, to all nodes */
    flk: Uint128,
  },
  { typeName: "GrantReport" },
);
export type GrantReport = ValueOf<typeof GrantReport>;

/** reportHash = keccak256 of its SSZ bytes. Lists ascending by id or account. */
export const EpochReport = new ContainerType(
  {
    epoch: Counter64,
    openTime: Counter64,
    closeTime: Counter64,
    blocks: Counter64,
    transactions: Counter64,
    lanes: Counter64,
    deliveries: Counter64,
    units: Uint64,
    /** micro-USD of this epoch */
    revenue: Uint64,
    treasury: Uint64,
    buyback: Uint64,
    /** wei that the schedule has for this epoch */
    flkScheduled: Uint128,
    /** wei granted at this close: the sum of `grants` */
    flkMinted: Uint128,
    committee: new ListBasicType(Uint32, MAX_COMMITTEE),
    nextCommittee: new ListBasicType(Uint32, MAX_COMMITTEE),
    nodes: new ListCompositeType(NodeReport, MAX_NODES),
    services: new ListCompositeType(ServiceReport, MAX_SERVICES),
    grants: new ListCompositeType(GrantReport, GRANT_EPOCHS),
    payouts: new ListCompositeType(PayoutEntry, MAX_ACCOUNTS),
    balances: new ListCompositeType(BalanceEntry, MAX_ACCOUNTS),
  },
  { typeName: "EpochReport" },
);
export type EpochReport = ValueOf<typeof EpochReport>;
