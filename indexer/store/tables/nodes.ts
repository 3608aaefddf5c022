import { boolean, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { freeText } from "../text.ts";
import { amount, counter, place, unknownAmount } from "./columns.ts";

export const nodes = pgTable(
  "nodes",
  {
    id: integer().primaryKey(),
    owner: text().notNull(),
    keyVersion: integer().notNull(),
    /** compressed G1 */
    consensusKey: text().notNull(),
    /** the first whose committee may name the key; null for that of its registration */
    keyFromEpoch: counter(),
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
    /** epoch that the reputation is of, and what follows */
    reputationEpoch: integer(),
    /** the reputation, -1 while there is none: lists cannot be ordered by what may be null */
    orderedReputation: integer().notNull().default(-1),
    /** bandwidth, bytes */
    units: amount(),
    rewardStable: amount(),
    rewardFlk: amount(),
  },
  (t) => [
    index("nodes_owner").on(t.owner, t.id),
    index("nodes_operator").on(t.operator, t.id),
    index("nodes_payee").on(t.payee, t.id),
    index("nodes_stake").on(t.stake, t.id),
    index("nodes_reputation").on(t.orderedReputation, t.id),
    index("nodes_units").on(t.units, t.id),
    index("nodes_reward_stable").on(t.rewardStable, t.id),
    index("nodes_reward_flk").on(t.rewardFlk, t.id),
  ],
);

/** Append-only, like the L2's: old versions are needed to check old certificates. */
export const nodeKeys = pgTable(
  "node_keys",
  { node: integer().notNull(), version: integer().notNull(), consensusKey: text().notNull() },
  (t) => [primaryKey({ columns: [t.node, t.version] })],
);

/** What an L2 block changed of a node: null where it changed nothing. */
export const nodeHistory = pgTable(
  "node_history",
  {
    node: integer().notNull(),
    block: counter().notNull(),
    keyVersion: integer(),
    consensusKey: text(),
    keyFromEpoch: counter(),
    networkKey: text(),
    endpoints: freeText(),
    stake: unknownAmount(),
    thawing: unknownAmount(),
    optedIn: boolean(),
    /** zero address: nobody */
    operator: text(),
    payee: text(),
    lockedUntil: counter(),
  },
  (t) => [primaryKey({ columns: [t.node, t.block] })],
);

/** Stake of a node, from then on. */
export const stakes = pgTable(
  "stakes",
  { ...place(), node: integer().notNull(), staked: amount(), thawing: amount() },
  (t) => [
    primaryKey({ columns: [t.block, t.logIndex] }),
    index("stakes_node").on(t.node, t.block, t.logIndex),
    index("stakes_time").using("brin", t.time),
  ],
);

export const stakeLocks = pgTable(
  "stake_locks",
  {
    ...place(),
    node: integer().notNull(),
    /** Unix seconds */
    lockedUntil: counter().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.block, t.logIndex] }),
    index("stake_locks_node").on(t.node, t.block, t.logIndex),
    index("stake_locks_until").on(t.lockedUntil, t.block, t.logIndex),
  ],
);

export const thawRequests = pgTable(
  "thaw_requests",
  {
    node: integer().notNull(),
    request: counter().notNull(),
    ...place(),
    /** wei that was asked for */
    amount: amount(),
    /** of it: what no slash took */
    remaining: amount(),
    /** Unix seconds */
    maturesAt: counter().notNull(),
    /** "THAWING", "CANCELLED", "WITHDRAWN", or "SLASHED" when nothing is left */
    state: text().notNull(),
    recipient: text(),
    closedBlock: counter(),
    closedLogIndex: integer(),
    closedTx: text(),
  },
  (t) => [
    primaryKey({ columns: [t.node, t.request] }),
    index("thaw_requests_log").on(t.block, t.logIndex),
    index("thaw_requests_state").on(t.state, t.block, t.logIndex),
    index("thaw_requests_matures").on(t.maturesAt, t.node, t.request),
  ],
);

export const slashes = pgTable(
  "slashes",
  {
    ...place(),
    node: integer().notNull(),
    amount: amount(),
    /** null: by a slash list of the committee, without a reward */
    reporter: text(),
    reward: amount(),
    /** of the evidence; null for a slash list */
    epoch: integer(),
    /** what was signed twice, as the contract counts it */
    kind: integer(),
    slot: unknownAmount(),
  },
  (t) => [
    primaryKey({ columns: [t.block, t.logIndex] }),
    index("slashes_node").on(t.node, t.block, t.logIndex),
    index("slashes_reporter").on(t.reporter, t.block, t.logIndex),
  ],
);

/** By the epoch's verified report. */
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
  (t) => [
    primaryKey({ columns: [t.epoch, t.node] }),
    index("node_epochs_node").on(t.node, t.epoch),
    index("node_epochs_owner").on(t.owner, t.epoch, t.node),
    index("node_epochs_reputation").on(t.reputation, t.epoch, t.node),
    index("node_epochs_revenue").on(t.revenue, t.epoch, t.node),
  ],
);

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

/** What a node reported of another, by transaction. */
export const measurements = pgTable(
  "measurements",
  {
    epoch: integer().notNull(),
    reporter: integer().notNull(),
    subject: integer().notNull(),
    height: counter().notNull(),
    probes: integer().notNull(),
    reached: integer().notNull(),
    answered: counter().notNull(),
    failed: counter().notNull(),
    wrong: counter().notNull(),
    /** microseconds, median; 0: not measured */
    latencyUs: counter().notNull(),
    /** KiB per second; 0: not measured */
    throughput: counter().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.epoch, t.reporter, t.subject] }),
    index("measurements_reporter").on(t.reporter, t.epoch, t.subject),
    index("measurements_subject").on(t.subject, t.epoch, t.reporter),
  ],
);
