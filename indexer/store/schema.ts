import { integer, pgTable, text } from "drizzle-orm/pg-core";
import * as accountTables from "./tables/accounts.ts";
import * as chainTables from "./tables/chain.ts";
import { counter } from "./tables/columns.ts";
import * as epochTables from "./tables/epochs.ts";
import * as governanceTables from "./tables/governance.ts";
import * as nodeTables from "./tables/nodes.ts";
import * as serviceTables from "./tables/services.ts";

export * from "./tables/accounts.ts";
export * from "./tables/chain.ts";
export * from "./tables/epochs.ts";
export * from "./tables/governance.ts";
export * from "./tables/nodes.ts";
export * from "./tables/services.ts";

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

export const TABLES = [
  cursors,
  progress,
  ...Object.values(accountTables),
  ...Object.values(nodeTables),
  ...Object.values(serviceTables),
  ...Object.values(chainTables),
  ...Object.values(epochTables),
  ...Object.values(governanceTables),
] as const;
