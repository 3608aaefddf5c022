import { boolean, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { freeText, longText } from "../text.ts";
import { amount, counter, place, unknownAmount } from "./columns.ts";

export const proposals = pgTable(
  "proposals",
  {
    /** decimal: up to 256 bits */
    id: text().primaryKey(),
    ...place(),
    proposer: text().notNull(),
    description: longText().notNull(),
    /** JSON: [{target, value, data}] */
    calls: text().notNull(),
    /** Unix seconds */
    voteStart: counter().notNull(),
    voteEnd: counter().notNull(),
    /** "CREATED", "QUEUED", "EXECUTED" or "CANCELED", by events: time alone defeats or passes it */
    state: text().notNull(),
    /** Unix seconds */
    executableAt: counter(),
    closedBlock: counter(),
    closedTx: text(),
    /** wei of votes */
    votesFor: amount(),
    votesAgainst: amount(),
    votesAbstain: amount(),
  },
  (t) => [
    index("proposals_log").on(t.block, t.logIndex),
    index("proposals_proposer").on(t.proposer, t.block, t.logIndex),
    index("proposals_state").on(t.state, t.block, t.logIndex),
  ],
);

export const votes = pgTable(
  "votes",
  {
    ...place(),
    proposal: text().notNull(),
    voter: text().notNull(),
    /** 0: against, 1: for, 2: abstain */
    support: integer().notNull(),
    weight: amount(),
    reason: freeText().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.block, t.logIndex] }),
    index("votes_proposal").on(t.proposal, t.block, t.logIndex),
    index("votes_voter").on(t.voter, t.block, t.logIndex),
  ],
);

/** Lots of the buyback auction. */
export const lots = pgTable(
  "lots",
  {
    id: counter().primaryKey(),
    ...place(),
    fromEpoch: integer().notNull(),
    toEpoch: integer().notNull(),
    /** micro-USD; of it, the revenue of its epochs */
    amount: amount(),
    revenue: amount(),
    /** wei per micro-USD */
    startPrice: amount(),
    floorPrice: amount(),
    /** Unix seconds */
    opensAt: counter().notNull(),
    closesAt: counter().notNull(),
    closed: boolean().notNull().default(false),
    closedBlock: counter(),
    /** micro-USD and wei so far */
    sold: amount(),
    burned: amount(),
    /** once closed: micro-USD that went into a later lot, wei that grants are measured by */
    rolled: unknownAmount(),
    counted: unknownAmount(),
  },
  (t) => [index("lots_to").on(t.toEpoch, t.id)],
);

export const bids = pgTable(
  "bids",
  {
    ...place(),
    lot: counter().notNull(),
    bidder: text().notNull(),
    recipient: text().notNull(),
    stable: amount(),
    flk: amount(),
  },
  (t) => [
    primaryKey({ columns: [t.block, t.logIndex] }),
    index("bids_lot").on(t.lot, t.block, t.logIndex),
    index("bids_bidder").on(t.bidder, t.block, t.logIndex),
  ],
);

/** Every event, also of those that have tables of their own: what a transaction did. */
export const contractEvents = pgTable(
  "contract_events",
  {
    ...place(),
    /** name of the contract in config.toml */
    contract: text().notNull(),
    /** null: this version does not know the event */
    name: text(),
    /** JSON: arguments by name, integers as decimal strings; `topics` and `data` of an event that is not known */
    args: longText().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.block, t.logIndex] }),
    index("contract_events_contract").on(t.contract, t.block, t.logIndex),
    index("contract_events_name").on(t.name, t.block, t.logIndex),
    index("contract_events_tx").on(t.txHash),
  ],
);
