import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { Comparison, Filterable } from "./filters.ts";
import type { Listing } from "./list.ts";

const as =
  (comparison: Comparison) =>
  (column: PgColumn, description?: string): Filterable => ({
    comparison,
    column,
    ...(description === undefined ? {} : { description }),
  });
export const address = as("Address");
export const hex = as("Hex");
export const int = as("Int");
export const counter = as("Counter");
export const usdc = as("USDC");
export const flk = as("FLK");
export const units = as("Units");
export const flag = as("Boolean");
export const code = as("Code");
/** Only of tables that stay small: a text is looked for in every row. */
export const text = as("Text");

interface Logged extends PgTable {
  block: PgColumn;
  logIndex: PgColumn;
}

/** Of a table of L2 logs: in the order of the L2. */
export function ofLogs<T extends PgTable & Logged>(
  table: T,
  filters: Listing<T>["filters"],
  orders: Listing<T>["orders"] = {},
): Listing<T> {
  const key = [table.block, table.logIndex];
  return {
    table,
    key,
    orders: { BLOCK: key, ...orders },
    filters: { block: counter(table.block), ...filters },
  };
}

interface Positioned extends PgTable {
  height: PgColumn;
  position: PgColumn;
}

/** Of a table of what transactions of the protocol chain did: in their order. */
export function ofTransactions<T extends PgTable & Positioned>(
  table: T,
  filters: Listing<T>["filters"],
): Listing<T> {
  const key = [table.height, table.position];
  return { table, key, orders: { HEIGHT: key }, filters: { height: counter(table.height), ...filters } };
}
