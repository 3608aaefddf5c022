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

/** The first after a cursor, or the last before one, in the order of the list. */
export interface PageArgs {
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}

/** A total order: the last column makes it unique. `name` keeps a cursor of one order from being used in another. */
export interface Order {
  name: string;
  columns: PgColumn[];
  descending: boolean;
}

type Row = Record<string, string | number | bigint | boolean | null>;

/**
 * A page of `table`, or of `from` in its place, between the cursors. A cursor holds the key of its row, so that rows that come or go do not shift the
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
  return makePage(rows as Row[], options, () => countRows(db, source, options.where));
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
    .where(and(where, ...within(order, args)))
    .orderBy(...directed(order, args))
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
  const { parent, parents } = options;
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
      return [key, makePage(groups.get(key) ?? [], options, count)];
    }),
  );
}

/** Reads no more of each parent's children than its page has, and one that tells whether there are more. */
export function selectChildren<Key extends string | number>(
  db: Database,
  table: PgTable,
  { parent, parents, order, args, where }: ChildQuery<Key>,
) {
  const condition = and(sql`${parent} = p."of_parent"`, where, ...within(order, args));
  const columns = sql.join(directed(order, args), sql`, `);
  const keys = sql`unnest(${sql.param(parents)}::${sql.raw(parent.getSQLType())}[])`;
  const children = sql`SELECT * FROM ${table} WHERE ${condition} ORDER BY ${columns} LIMIT ${pageSize(args) + 1}`;
  return db
    .select(columnsFrom(table))
    .from(sql`${keys} AS p("of_parent") CROSS JOIN LATERAL (${children}) AS ${table}`)
    .orderBy(...directed(order, args));
}

/** `rows`: as they were read, with one more than the page has if there is one. */
function makePage<T>(
  rows: Row[],
  { order, args }: { order: Order; args: PageArgs },
  totalCount: () => Promise<number>,
): Page<T> {
  const limit = pageSize(args);
  const more = rows.length > limit;
  const backward = isBackward(args);
  const taken = rows.slice(0, limit);
  if (backward) taken.reverse();
  return {
    edges: taken.map((row) => ({ cursor: encodeCursor(order, row), node: row as T })),
    hasNextPage: Boolean(args.before) || (!backward && more),
    hasPreviousPage: Boolean(args.after) || (backward && more),
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

const isBackward = ({ last }: PageArgs): boolean => typeof last === "number";

function pageSize({ first, last }: PageArgs): number {
  if (typeof first === "number" && typeof last === "number")
    throw queryError("ERR_QUERY_ARGUMENT", "first or last, not both");
  const limit = first ?? last ?? DEFAULT_PAGE;
  if (limit < 0 || limit > MAX_PAGE)
    throw queryError("ERR_QUERY_ARGUMENT", `first and last must be 0 to ${MAX_PAGE}`);
  return limit;
}

/** The last of an order are read as the first of the other direction. */
function directed({ columns, descending }: Order, args: PageArgs): SQL[] {
  return columns.map((column) => (descending !== isBackward(args) ? desc(column) : asc(column)));
}

function encodeCursor(order: Order, row: Row): string {
  const key = order.columns.map((column) => String(row[column.name]));
  return Buffer.from(JSON.stringify([order.name, ...key])).toString("base64url");
}

/** The conditions that a row is between the cursors that are given. */
function within(order: Order, { after, before }: PageArgs): (SQL | undefined)[] {
  return [
    after ? beyond(order, after, "after") : undefined,
    before ? beyond(order, before, "before") : undefined,
  ];
}

function beyond(order: Order, cursor: string, side: "after" | "before"): SQL {
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
  const below = order.descending === (side === "after");
  return below ? sql`(${columns}) < (${values})` : sql`(${columns}) > (${values})`;
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
