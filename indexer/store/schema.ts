import { bigint, boolean, index, integer, numeric, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { freeText } from "./text.ts";

/** Amounts (micro-USD, wei) and units: exact, up to 256 bits. */
const amount = () => numeric({ precision: 78, scale: 0, mode: "bigint" }).notNull().default(0n);
/** Heights, L2 blocks, Unix ms: below 2^53. */
const counter = () => bigint({ mode: "number" });

/** One row: how far both sources are followed. Written in the transaction that writes the rows. */
export const cursors = pgTable("cursors", {
  id: integer().primaryKey(),
  /** last L2 block whose logs are in, -1 before the first */
  l2Block: counter().notNull(),
  l2Hash: text(),
  /** last protocol block, -1 before the first */
  height: counter().notNull(),
  blockRoot: text(),
  /** epoch and index of the next block */
  epoch: integer().notNull(),
  index: integer().notNull(),
  /** token of the process that writes, where several share the database */
  writer: text(),
  /** raised by every write */
  revision: counter().notNull().default(0),
});

/** One row: what the writing process hears, for those that only read. */
export const progress = pgTable("progress", {
  id: integer().primaryKey(),
  /** a Progress of store/progress.ts, JSON */
  value: text().notNull(),
  /** Unix ms of the database's clock */
  time: counter().notNull(),
});

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

export const accounts = pgTable(
  "accounts",
  {
    address: text().primaryKey(),
    /** bits of api/roles */
    roles: integer().notNull().default(0),
    /** cumulative deposits on the L2 */
    deposits: amount(),
    /** after the newest verified block */
    balance: amount(),
    depositsSeen: amount(),
    /** of the newest final epoch */
    settledEpoch: integer(),
    settledBalance: amount(),
    settledDeposits: amount(),
    payoutStable: amount(),
    payoutFlk: amount(),
    claimedStable: amount(),
    claimedFlk: amount(),
    /** where claims for it go, when not to itself */
    payee: text(),
    /** left by the escape hatch of the L2 */
    escaped: amount(),
  },
  (t) => [
    index("accounts_balance").on(t.balance, t.address),
    index("accounts_payout").on(t.payoutStable, t.address),
  ],
);

/** Balances as the blocks gave them at the close of an epoch; payouts once the report is verified. */
export const accountEpochs = pgTable(
  "account_epochs",
  {
    epoch: integer().notNull(),
    account: text().notNull(),
    balance: amount(),
    depositsSeen: amount(),
    payoutStable: amount(),
    payoutFlk: amount(),
  },
  (t) => [
    primaryKey({ columns: [t.epoch, t.account] }),
    index("account_epochs_account").on(t.account, t.epoch),
  ],
);

export const deposits = pgTable(
  "deposits",
  {
    block: counter().notNull(),
    logIndex: integer().notNull(),
    txHash: text().notNull(),
    account: text().notNull(),
    from: text().notNull(),
    amount: amount(),
    /** cumulative deposits of the account after it */
    total: amount(),
  },
  (t) => [
    primaryKey({ columns: [t.block, t.logIndex] }),
    index("deposits_account").on(t.account, t.block, t.logIndex),
  ],
);

export const claims = pgTable(
  "claims",
  {
    block: counter().notNull(),
    logIndex: integer().notNull(),
    txHash: text().notNull(),
    account: text().notNull(),
    /** who got it */
    payee: text().notNull(),
    stable: amount(),
    flk: amount(),
    cumulativeStable: amount(),
    cumulativeFlk: amount(),
  },
  (t) => [
    primaryKey({ columns: [t.block, t.logIndex] }),
    index("claims_account").on(t.account, t.block, t.logIndex),
  ],
);

export const nodes = pgTable(
  "nodes",
  {
    id: integer().primaryKey(),
    owner: text().notNull(),
    keyVersion: integer().notNull(),
    /** compressed G1 */
    consensusKey: text().notNull(),
    networkKey: text().notNull(),
    endpoints: freeText().notNull(),
    stake: amount(),
    thawing: amount(),
    /** cumulative */
    slashed: amount(),
    optedIn: boolean().notNull(),
    operator: text(),
    payee: text().notNull(),
    /** Unix seconds */
    lockedUntil: counter(),
    reputation: integer(),
    /** epoch that the reputation is of */
    reputationEpoch: integer(),
  },
  (t) => [index("nodes_owner").on(t.owner), index("nodes_stake").on(t.stake, t.id)],
);

/** Append-only, like the L2's: old versions are needed to check old certificates. */
export const nodeKeys = pgTable(
  "node_keys",
  { node: integer().notNull(), version: integer().notNull(), consensusKey: text().notNull() },
  (t) => [primaryKey({ columns: [t.node, t.version] })],
);

export const services = pgTable("services", {
  id: integer().primaryKey(),
  owner: text().notNull(),
  metadataUri: freeText().notNull(),
});

export const prices = pgTable(
  "prices",
  { service: integer().notNull(), commodity: integer().notNull(), price: amount() },
  (t) => [primaryKey({ columns: [t.service, t.commodity] })],
);

export const parameters = pgTable("parameters", { key: freeText().primaryKey(), value: amount() });

export const blocks = pgTable(
  "blocks",
  {
    height: counter().primaryKey(),
    epoch: integer().notNull(),
    index: integer().notNull(),
    time: counter().notNull(),
    transactions: integer().notNull(),
    blockRoot: text().notNull(),
    stateRoot: text().notNull(),
    anchor: text().notNull(),
    anchorAuthor: integer().notNull(),
    l2Block: counter().notNull(),
  },
  (t) => [index("blocks_epoch").on(t.epoch, t.height)],
);

export const epochs = pgTable("epochs", {
  number: integer().primaryKey(),
  /** `previous` of its first block: the settlement digest of the epoch before, or the genesis digest */
  opening: text().notNull(),
  /** SSZ of its Committee */
  committee: text().notNull(),
  openTime: counter().notNull(),
  closeTime: counter(),
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
  units: numeric({ precision: 78, scale: 0, mode: "bigint" }),
  revenue: numeric({ precision: 78, scale: 0, mode: "bigint" }),
  flkScheduled: numeric({ precision: 78, scale: 0, mode: "bigint" }),
  flkMinted: numeric({ precision: 78, scale: 0, mode: "bigint" }),
  treasury: numeric({ precision: 78, scale: 0, mode: "bigint" }),
  buyback: numeric({ precision: 78, scale: 0, mode: "bigint" }),
});

export const nodeEpochs = pgTable(
  "node_epochs",
  {
    epoch: integer().notNull(),
    node: integer().notNull(),
    owner: text().notNull(),
    stake: amount(),
    optedIn: boolean().notNull(),
    reputation: integer().notNull(),
    /** of 10 000 */
    latency: integer().notNull(),
    uptime: integer().notNull(),
    throughput: integer().notNull(),
    success: integer().notNull(),
    trust: integer().notNull(),
    credibility: integer().notNull(),
    reporters: integer().notNull(),
    outByFloor: boolean().notNull(),
    revenue: amount(),
    rewardStable: amount(),
    buyback: amount(),
    scheduledFlk: amount(),
    rewardFlk: amount(),
    inCommittee: boolean().notNull(),
  },
  (t) => [primaryKey({ columns: [t.epoch, t.node] }), index("node_epochs_node").on(t.node, t.epoch)],
);

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

export const nodeWork = pgTable(
  "node_work",
  {
    epoch: integer().notNull(),
    node: integer().notNull(),
    service: integer().notNull(),
    commodity: integer().notNull(),
    units: amount(),
    deliveries: counter().notNull(),
    lanes: counter().notNull(),
    revenue: amount(),
  },
  (t) => [primaryKey({ columns: [t.epoch, t.node, t.service, t.commodity] })],
);

export const settlements = pgTable("settlements", {
  epoch: integer().primaryKey(),
  digest: text().notNull(),
  txHash: text().notNull(),
  block: counter().notNull(),
  gasUsed: amount(),
  /** Unix seconds */
  activatesAt: counter().notNull(),
  /** the HELD_ bits of EpochSettlement, 0 while nothing holds it */
  holds: integer().notNull().default(0),
  /** L2 block and transaction that made it active */
  activatedBlock: counter(),
  activatedTx: text(),
  /** minted with it, wei: once it is active */
  flkMinted: numeric({ precision: 78, scale: 0, mode: "bigint" }),
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

/** EpochSettlement.Frozen and Restart: what followed the chain of settlements cannot go on by itself after one. */
export const interruptions = pgTable(
  "interruptions",
  {
    block: counter().notNull(),
    logIndex: integer().notNull(),
    txHash: text().notNull(),
    /** "FROZEN" or "RESTARTED" */
    kind: text().notNull(),
    /** the newest active epoch + 1 */
    activeEpochs: integer().notNull(),
    /** the epoch that a restart opens */
    resumeEpoch: integer(),
  },
  (t) => [primaryKey({ columns: [t.block, t.logIndex] })],
);

export const TABLES = [
  cursors,
  progress,
  starts,
  interruptions,
  accounts,
  accountEpochs,
  deposits,
  claims,
  nodes,
  nodeKeys,
  services,
  prices,
  parameters,
  blocks,
  epochs,
  epochGrants,
  nodeEpochs,
  nodeWork,
  settlements,
] as const;
