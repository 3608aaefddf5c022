import { and, asc, desc, getTableColumns, inArray, type SQL, sql } from "drizzle-orm";
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
 * A page of `table`, or of `from` in its place, after the cursor. A cursor holds the key of its row, so that rows that come or go do not shift the
 * pages.
 * @throws ERR_QUERY_ARGUMENT
 */
export async function readPage<T extends PgTable>(
  db: Database,
  table: T,
  options: PageQuery,
): Promise<Page<T["$inferSelect"]>> {
  const source = options.from ?? sql`${table}`;
  const rows = await selectPage(db, table, options);
  return makePage(rows as Row[], pageSize(options.args), options, () => countRows(db, source, options.where));
}

interface PageQuery {
  where?: SQL | undefined;
  order: Order;
  args: PageArgs;
  from?: SQL | undefined;
}

/** Reads no more than a page has, and one row that tells whether there are more. */
export function selectPage(db: Database, table: PgTable, { where, order, args, from }: PageQuery) {
  return db
    .select(columnsFrom(table))
    .from(from ?? sql`${table}`)
    .where(and(where, beyond(order, args)))
    .orderBy(...directed(order))
    .limit(pageSize(args) + 1);
}

/** The columns of a table, to be selected from whatever has its name. */
export function columnsFrom(table: PgTable): Record<string, SQL> {
  const columns = Object.entries(getTableColumns(table));
  return Object.fromEntries(columns.map(([name, column]) => [name, sql`${column}`.mapWith(column)]));
}

async function countRows(db: Database, source: SQL, where: SQL | undefined): Promise<number> {
  const [row] = await db
    .select({ count: sql`count(*)`.mapWith(Number) })
    .from(source)
    .where(where);
  return row?.count ?? 0;
}

interface ChildQuery<Key> {
  parent: PgColumn;
  parents: Key[];
  order: Order;
  args: PageArgs;
  where?: SQL | undefined;
}

/**
 * The same page of the children of each of `parents` (values of `parent`), in one query.
 * @throws ERR_QUERY_ARGUMENT
 */
export async function readChildPages<T extends PgTable, Key extends string | number>(
  db: Database,
  table: T,
  options: ChildQuery<Key>,
): Promise<Map<Key, Page<T["$inferSelect"]>>> {
  const { parent, parents, args } = options;
  const limit = pageSize(args);
  const rows = (await selectChildren(db, table, options)) as Row[];
  const counts = once(async () => {
    const counted = await db
      .select({ key: parent, count: sql`count(*)`.mapWith(Number) })
      .from(table as PgTable)
      .where(and(inArray(parent, parents), options.where))
      .groupBy(parent);
    return new Map(counted.map(({ key, count }) => [key, count]));
  });
  const groups = Map.groupBy(rows, (row) => row[parent.name] as Key);
  return new Map(
    parents.map((key) => {
      const count = async () => (await counts()).get(key) ?? 0;
      return [key, makePage(groups.get(key) ?? [], limit, options, count)];
    }),
  );
}

/** Reads no more of each parent's children than its page has, and one that tells whether there are more. */
export function selectChildren<Key extends string | number>(
  db: Database,
  table: PgTable,
  { parent, parents, order, args, where }: ChildQuery<Key>,
) {
  const condition = and(sql`${parent} = p."of_parent"`, where, beyond(order, args));
  const columns = sql.join(directed(order), sql`, `);
  const keys = sql`unnest(${sql.param(parents)}::${sql.raw(parent.getSQLType())}[])`;
  const children = sql`SELECT * FROM ${table} WHERE ${condition} ORDER BY ${columns} LIMIT ${pageSize(args) + 1}`;
  return db
    .select(columnsFrom(table))
    .from(sql`${keys} AS p("of_parent") CROSS JOIN LATERAL (${children}) AS ${table}`)
    .orderBy(...directed(order));
}

function makePage<T>(
  rows: Row[],
  limit: number,
  { order, args }: { order: Order; args: PageArgs },
  totalCount: () => Promise<number>,
): Page<T> {
  return {
    edges: rows.slice(0, limit).map((row) => ({ cursor: encodeCursor(order, row), node: row as T })),
    hasNextPage: rows.length > limit,
    hasPreviousPage: Boolean(args.after),
    totalCount,
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function pageSize({ first }: PageArgs): number {
  const limit = first ?? DEFAULT_PAGE;
  if (limit < 0 || limit > MAX_PAGE) throw queryError("ERR_QUERY_ARGUMENT", `first must be 0 to ${MAX_PAGE}`);
  return limit;
}

function directed({ columns, descending }: Order): SQL[] {
  return columns.map((column) => (descending ? desc(column) : asc(column)));
}

function encodeCursor(order: Order, row: Row): string {
  const key = order.columns.map((column) => String(row[column.name]));
  return Buffer.from(JSON.stringify([order.name, ...key])).toString("base64url");
}

/** The condition that a row is after the cursor, if there is one. */
function beyond(order: Order, { after }: PageArgs): SQL | undefined {
  if (!after) return undefined;
  const [name, ...key] = decodeCursor(after);
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
