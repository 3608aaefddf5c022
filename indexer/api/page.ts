import { and, asc, desc, type SQL, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { Database } from "../store/database.ts";
import { queryError } from "./errors.ts";

export const MAX_PAGE = 1000;
export const DEFAULT_PAGE = 100;

export interface Edge<Row> {
  cursor: string;
  node: Row;
}

export interface Page<Row> {
  edges: Edge<Row>[];
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  totalCount: () => Promise<number>;
}

export interface PageArgs {
  first?: number | null | undefined;
  after?: string | null | undefined;
}

/** A total order: the last column makes it unique. `name` keeps a cursor of one order from being used in another. */
export interface Order {
  name: string;
  columns: PgColumn[];
  descending: boolean;
}

type Row = Record<string, string | number | bigint | boolean | null>;

/**
 * A page of `table` after the cursor. A cursor holds the key of its row, so that rows that come or go do not shift the
 * pages.
 * @throws ERR_QUERY_ARGUMENT
 */
export async function readPage<T extends PgTable>(
  db: Database,
  table: T,
  options: { where?: SQL | undefined; order: Order; args: PageArgs },
): Promise<Page<T["$inferSelect"]>> {
  const { where, order, args } = options;
  const limit = args.first ?? DEFAULT_PAGE;
  if (limit < 0 || limit > MAX_PAGE) throw queryError("ERR_QUERY_ARGUMENT", `first must be 0 to ${MAX_PAGE}`);
  const after = args.after ? beyond(order, args.after) : undefined;
  const direction = order.descending ? desc : asc;
  const rows = await db
    .select()
    .from(table as PgTable)
    .where(and(where, after))
    .orderBy(...order.columns.map((column) => direction(column)))
    .limit(limit + 1);
  return {
    edges: rows.slice(0, limit).map((row) => ({ cursor: encodeCursor(order, row as Row), node: row })),
    hasNextPage: rows.length > limit,
    hasPreviousPage: after !== undefined,
    totalCount: () => db.$count(table as PgTable, where),
  };
}

function encodeCursor(order: Order, row: Row): string {
  const key = order.columns.map((column) => String(row[column.name]));
  return Buffer.from(JSON.stringify([order.name, ...key])).toString("base64url");
}

function beyond(order: Order, cursor: string): SQL {
  const [name, ...key] = decodeCursor(cursor);
  const fits = name === order.name && key.length === order.columns.length;
  if (!fits || !order.columns.every((column, i) => holds(column, key[i] as string))) {
    throw queryError("ERR_QUERY_ARGUMENT", "not a cursor of this list and order");
  }
  const columns = sql.join(order.columns, sql`, `);
  const values = sql.join(
    key.map((value) => sql`${value}`),
    sql`, `,
  );
  return order.descending ? sql`(${columns}) < (${values})` : sql`(${columns}) > (${values})`;
}

function decodeCursor(cursor: string): string[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw queryError("ERR_QUERY_ARGUMENT", "not a cursor");
}

/** Whether `text` can be compared with the column at all: a cursor is the asker's word. */
function holds(column: PgColumn, text: string): boolean {
  const type = column.getSQLType();
  if (type === "text") return text.length <= 128 && !text.includes("\0");
  if (!/^-?\d{1,78}$/.test(text)) return false;
  const value = BigInt(text);
  if (type === "integer") return BigInt.asIntN(32, value) === value;
  if (type === "bigint") return BigInt.asIntN(64, value) === value;
  return true;
}
