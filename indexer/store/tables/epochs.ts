import { boolean, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { amount, counter, place, unknownAmount } from "./columns.ts";

/** EpochSettlement.Started: one row, or none before it. */
export const starts = pgTable("starts", {
  id: integer().primaryKey(),
  startTime: counter().notNull(),
  l2Block: counter().notNull(),
  digest: text().notNull(),
  /** packed (nodeId, keyVersion, power), as on the L2 */
  members: text().notNull(),
  aggregateKey: text().notNull(),
});

export const epochs = pgTable("epochs", {
  number: integer().primaryKey(),
  /** `previous` of its first block: the settlement digest of the epoch before, or the genesis digest */
  opening: text().notNull(),
  /** SSZ of its Committee */
  committee: text().notNull(),
  openTime: counter().notNull(),
  closeTime: counter(),
  /** L2 view at its close */
  l2Block: counter(),
  blocks: integer().notNull().default(0),
  transactions: counter().notNull().default(0),
  /** digest and SSZ of the SettlementCertificate, once the closed epoch has one */
  digest: text(),
  certificate: text(),
  verified: boolean().notNull().default(false),
  /** an EpochProblem */
  problem: text(),
  /** false when a balance change in its blocks does not follow from the balance before it */
  folded: boolean().notNull().default(true),
  /** its settlement is active on the L2, finally, and verified */
  final: boolean().notNull().default(false),
  lanes: counter(),
  deliveries: counter(),
  units: unknownAmount(),
  /** of bandwidth */
  bytes: unknownAmount(),
  /** of compute */
  ms: unknownAmount(),
  revenue: unknownAmount(),
  flkScheduled: unknownAmount(),
  flkMinted: unknownAmount(),
  treasury: unknownAmount(),
  buyback: unknownAmount(),
});

/** What a later close granted for an epoch, once the lot of its buyback had closed. */
export const epochGrants = pgTable("epoch_grants", {
  /** that earned it */
  epoch: integer().primaryKey(),
  /** whose close granted it */
  grantedBy: integer().notNull(),
  lotBuyback: amount(),
  lotBurn: amount(),
  flk: amount(),
});

export const settlements = pgTable("settlements", {
  epoch: integer().primaryKey(),
  digest: text().notNull(),
  txHash: text().notNull(),
  block: counter().notNull(),
  /** Unix ms of the L2 block that posted it */
  time: counter().notNull(),
  gasUsed: amount(),
  /** Unix seconds */
  activatesAt: counter().notNull(),
  /** the HELD_ bits of EpochSettlement, 0 while nothing holds it */
  holds: integer().notNull().default(0),
  /** L2 block and transaction that made it active */
  activatedBlock: counter(),
  activatedTx: text(),
  /** minted with it, wei: once it is active */
  flkMinted: unknownAmount(),
  /** a restart set it aside: it will never be active */
  voided: boolean().notNull().default(false),
  previous: text().notNull(),
  closeTime: counter().notNull(),
  l2Number: counter().notNull(),
  l2Hash: text().notNull(),
  stateRoot: text().notNull(),
  payoutRoot: text().notNull(),
  balanceRoot: text().notNull(),
  reportHash: text().notNull(),
  totalBalances: amount(),
  totalPayoutStable: amount(),
  totalPayoutFlk: amount(),
  slashListHash: text().notNull(),
  nextCommitteeHash: text().notNull(),
});

/** The life of a settlement. */
export const settlementEvents = pgTable(
  "settlement_events",
  {
    ...place(),
    epoch: integer().notNull(),
    /** "POSTED", "HELD", "RELEASED", "ACTIVATED" or "VOIDED" */
    kind: text().notNull(),
    /** the HELD_ bits from then on */
    holds: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.block, t.logIndex, t.epoch] }),
    index("settlement_events_epoch").on(t.epoch, t.block, t.logIndex),
  ],
);

/** EpochSettlement.Frozen and Restart: what followed the chain of settlements cannot go on by itself after one. */
export const interruptions = pgTable(
  "interruptions",
  {
    ...place(),
    /** "FROZEN" or "RESTARTED" */
    kind: text().notNull(),
    /** the newest active epoch + 1 */
    activeEpochs: integer().notNull(),
    /** the epoch that a restart opens */
    resumeEpoch: integer(),
  },
  (t) => [primaryKey({ columns: [t.block, t.logIndex] })],
);
