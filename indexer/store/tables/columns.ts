import { bigint, integer, numeric, text } from "drizzle-orm/pg-core";

/** Amounts (micro-USD, wei) and units: exact, up to 256 bits. */
export const amount = () => numeric({ precision: 78, scale: 0, mode: "bigint" }).notNull().default(0n);
/** An amount that may not be known. */
export const unknownAmount = () => numeric({ precision: 78, scale: 0, mode: "bigint" });
/** Heights, L2 blocks, Unix ms: below 2^53. */
export const counter = () => bigint({ mode: "number" });

/** Where an L2 log is. */
export const place = () => ({
  block: counter().notNull(),
  logIndex: integer().notNull(),
  txHash: text().notNull(),
  /** Unix ms of the block */
  time: counter().notNull(),
});

/** Where a transaction of the protocol chain is. */
export const inBlock = () => ({
  height: counter().notNull(),
  /** within the block */
  position: integer().notNull(),
  epoch: integer().notNull(),
  /** Unix ms of the block */
  time: counter().notNull(),
});
