import { index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { amount, counter, inBlock } from "./columns.ts";

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
  (t) => [
    index("blocks_epoch").on(t.epoch, t.height),
    index("blocks_author").on(t.anchorAuthor, t.height),
    index("blocks_time").using("brin", t.time),
  ],
);

/** Transactions of the protocol chain, applied or rejected. */
export const transactions = pgTable(
  "transactions",
  {
    ...inBlock(),
    /** the same bytes may be ordered more than once */
    id: text().notNull(),
    /** "TRANSFER" and so on, "UNREADABLE" */
    kind: text().notNull(),
    /** "OK", or a code of RECEIPT_CODES */
    status: text().notNull(),
    /** who signed it, when it was applied: an account, or a node */
    account: text(),
    node: integer(),
  },
  (t) => [
    primaryKey({ columns: [t.height, t.position] }),
    index("transactions_id").on(t.id),
    index("transactions_account").on(t.account, t.height, t.position),
    index("transactions_node").on(t.node, t.height, t.position),
    index("transactions_kind").on(t.kind, t.height, t.position),
    index("transactions_epoch").on(t.epoch, t.height, t.position),
  ],
);

export const transfers = pgTable(
  "transfers",
  { ...inBlock(), txId: text().notNull(), from: text().notNull(), to: text().notNull(), amount: amount() },
  (t) => [
    primaryKey({ columns: [t.height, t.position] }),
    index("transfers_from").on(t.from, t.height, t.position),
    index("transfers_to").on(t.to, t.height, t.position),
    index("transfers_epoch").on(t.epoch, t.height, t.position),
  ],
);

/** Balance that became payout. */
export const withdrawals = pgTable(
  "withdrawals",
  {
    ...inBlock(),
    /** null: asked for on the L2; then `position` counts from -1 down */
    txId: text(),
    account: text().notNull(),
    amount: amount(),
  },
  (t) => [
    primaryKey({ columns: [t.height, t.position] }),
    index("withdrawals_account").on(t.account, t.height, t.position),
    index("withdrawals_epoch").on(t.epoch, t.height, t.position),
  ],
);

/** Keys that an account let acknowledge for it. */
export const sessions = pgTable(
  "sessions",
  {
    account: text().notNull(),
    key: text().notNull(),
    ...inBlock(),
    txId: text().notNull(),
    /** micro-USD per epoch */
    limit: amount(),
    /** last epoch in which it serves; a revocation makes it the current one */
    expiryEpoch: counter().notNull(),
    revokedHeight: counter(),
    revokedTx: text(),
  },
  (t) => [
    primaryKey({ columns: [t.account, t.key] }),
    index("sessions_height").on(t.height, t.position),
    index("sessions_key").on(t.key),
    index("sessions_expiry").on(t.expiryEpoch, t.account, t.key),
  ],
);

/** What was paid in a lane. */
export const lanes = pgTable(
  "lanes",
  {
    /** as nodes name it */
    id: text().primaryKey(),
    /** that its acknowledgements are of */
    epoch: integer().notNull(),
    account: text().notNull(),
    session: text().notNull(),
    lane: counter().notNull(),
    node: integer().notNull(),
    service: integer().notNull(),
    commodity: integer().notNull(),
    deliveries: counter().notNull(),
    units: amount(),
    /** micro-USD */
    revenue: amount(),
    /** of the newest payment */
    height: counter().notNull(),
  },
  (t) => [
    index("lanes_epoch").on(t.epoch, t.id),
    index("lanes_account").on(t.account, t.epoch, t.id),
    index("lanes_node").on(t.node, t.epoch, t.id),
    index("lanes_session").on(t.session, t.epoch, t.id),
  ],
);

/** Totals of what was paid in an epoch, between a client and a node. */
export const deliveries = pgTable(
  "deliveries",
  {
    /** that paid: late acknowledgements count in the epoch after theirs */
    epoch: integer().notNull(),
    account: text().notNull(),
    node: integer().notNull(),
    service: integer().notNull(),
    commodity: integer().notNull(),
    deliveries: counter().notNull(),
    units: amount(),
    lanes: counter().notNull(),
    /** micro-USD */
    revenue: amount(),
  },
  (t) => [
    primaryKey({ columns: [t.epoch, t.account, t.node, t.service, t.commodity] }),
    index("deliveries_account").on(t.account, t.epoch, t.node, t.service, t.commodity),
    index("deliveries_node").on(t.node, t.epoch, t.account, t.service, t.commodity),
    index("deliveries_service").on(t.service, t.epoch, t.account, t.node, t.commodity),
  ],
);
