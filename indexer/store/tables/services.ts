import { index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { freeText } from "../text.ts";
import { amount, counter, place } from "./columns.ts";

export const services = pgTable(
  "services",
  {
    id: integer().primaryKey(),
    owner: text().notNull(),
    metadataUri: freeText().notNull(),
  },
  (t) => [index("services_owner").on(t.owner, t.id)],
);

/** What an L2 block changed of a service: null where it changed nothing. */
export const serviceHistory = pgTable(
  "service_history",
  { service: integer().notNull(), block: counter().notNull(), owner: text(), metadataUri: freeText() },
  (t) => [primaryKey({ columns: [t.service, t.block] })],
);

export const prices = pgTable(
  "prices",
  { service: integer().notNull(), commodity: integer().notNull(), price: amount() },
  (t) => [primaryKey({ columns: [t.service, t.commodity] })],
);

/** Counts from the epoch after the one that saw it. */
export const priceChanges = pgTable(
  "price_changes",
  { ...place(), service: integer().notNull(), commodity: integer().notNull(), price: amount() },
  (t) => [
    primaryKey({ columns: [t.block, t.logIndex] }),
    index("price_changes_service").on(t.service, t.commodity, t.block, t.logIndex),
  ],
);

export const parameters = pgTable("parameters", { key: freeText().primaryKey(), value: amount() });

export const parameterChanges = pgTable(
  "parameter_changes",
  {
    ...place(),
    key: freeText().notNull(),
    value: amount(),
    /** from which on the L2 counts it: the epoch that the settlement waits for */
    effectiveEpoch: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.block, t.logIndex] }),
    index("parameter_changes_key").on(t.key, t.block, t.logIndex),
  ],
);
