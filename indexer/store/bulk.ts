import { getTableName, type SQL, sql } from "drizzle-orm";
import { getTableConfig, type PgColumn, type PgTable } from "drizzle-orm/pg-core";
import { oncePer } from "../once-per.ts";
import type { Copy } from "./copy.ts";

/** Rows per statement: bounds the memory that one takes on either side. */
const CHUNK = 5_000;
/** characters, which a chunk of rows of ordinary length does not have */
const MUCH_TEXT = 8_000_000;

/** How the values of a column join what is there. */
export type Join = "set" | "add" | "or";

/** Rows that set the same columns. */
export interface Shape {
  table: PgTable;
  /** "insert" fails on a row that is there, "upsert" changes it, "update" skips rows that are not there */
  kind: "insert" | "upsert" | "update";
  /** by column, keys left out */
  joins: ReadonlyMap<string, Join>;
}

interface Columns {
  keys: PgColumn[];
  byName: Map<string, PgColumn>;
}

export const columnsOf = oncePer((table: PgTable): Columns => {
  const config = getTableConfig(table);
  const byName = new Map(config.columns.map((column) => [column.name, column]));
  const [composite] = config.primaryKeys;
  const keys = composite
    ? composite.columns.map(({ name }) => byName.get(name) as PgColumn)
    : config.columns.filter((column) => column.primary);
  return { keys, byName };
});

const named = (column: { name: string }): SQL => sql`${sql.identifier(column.name)}`;

/** Statements that write rows of one shape, each key at most once: one per chunk, which new rows are copied by, and for others has an array parameter per column. */
export function* statementsOf(
  shape: Shape,
  rows: readonly Readonly<Record<string, unknown>>[],
): Generator<SQL | Copy> {
  const { keys, byName } = columnsOf(shape.table);
  const columns = [...keys];
  for (const column of shape.joins.keys()) columns.push(byName.get(column) as PgColumn);
  if (shape.kind === "insert") {
    yield* copiesOf(shape.table, columns, rows);
    return;
  }
  for (let at = 0; at < rows.length; at += CHUNK) {
    const chunk = rows.slice(at, at + CHUNK);
    const values = columns.map(
      (column) => sql`${sql.param(arrayText(column, chunk))}::${sql.raw(column.getSQLType())}[]`,
    );
    const source = sql`unnest(${sql.join(values, sql`, `)})`;
    yield shape.kind === "update" ? updateFrom(source, shape, columns) : upsertFrom(source, shape, columns);
  }
}

/** One per chunk, or per much text. */
function* copiesOf(
  table: PgTable,
  columns: PgColumn[],
  rows: readonly Readonly<Record<string, unknown>>[],
): Generator<Copy> {
  const names = columns.map(({ name }) => `"${name}"`).join();
  const text = `COPY "${getTableName(table)}" (${names}) FROM STDIN`;
  let data = "";
  let count = 0;
  for (const row of rows) {
    if (count === CHUNK || data.length >= MUCH_TEXT) {
      yield { text, data };
      [data, count] = ["", 0];
    }
    count++;
    let before = "";
    for (const column of columns) {
      data += before + fieldText(column, row[column.name]);
      before = "\t";
    }
    data += "\n";
  }
  if (count > 0) yield { text, data };
}

/** What the text format of COPY means something else by. */
const SPECIAL = /[\\\t\n\r]/;
const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

function fieldText(column: PgColumn, value: unknown): string {
  if (value === null || value === undefined) return "\\N";
  if (typeof value !== "string") return String(value);
  const text = String(column.mapToDriverValue(value));
  return SPECIAL.test(text) ? text.replaceAll(/[\\\t\n\r]/g, (found) => ESCAPES[found] as string) : text;
}

/** The values of a column as PostgreSQL writes arrays: neither driver then looks at each of them. */
function arrayText(column: PgColumn, rows: readonly Readonly<Record<string, unknown>>[]): string {
  const { name } = column;
  const texts = rows.map((row) => {
    const value = row[name];
    if (value === null || value === undefined) return "NULL";
    return typeof value === "string" ? quoted(String(column.mapToDriverValue(value))) : String(value);
  });
  return `{${texts.join(",")}}`;
}

/** What JSON writes in another way than arrays: controls, and surrogates that may be alone. */
const ODD = /[^ -\ud7ff\ue000-\uffff]/;

/** JSON quotes four times as fast as what replaces in JavaScript. */
function quoted(text: string): string {
  return ODD.test(text) ? `"${text.replaceAll(/["\\]/g, "\\$&")}"` : JSON.stringify(text);
}

function upsertFrom(source: SQL, { table, joins }: Shape, columns: PgColumn[]): SQL {
  const target = sql.join(columns.map(named), sql`, `);
  const insert = sql`INSERT INTO ${table} (${target}) SELECT * FROM ${source}`;
  const keys = sql.join(columnsOf(table).keys.map(named), sql`, `);
  if (joins.size === 0) return sql`${insert} ON CONFLICT (${keys}) DO NOTHING`;
  return sql`${insert} ON CONFLICT (${keys}) DO UPDATE SET ${assignments(table, joins, "excluded")}`;
}

function updateFrom(source: SQL, { table, joins }: Shape, columns: PgColumn[]): SQL {
  const aliases = sql.join(columns.map(named), sql`, `);
  const same = columnsOf(table).keys.map((key) => sql`${key} = changed.${named(key)}`);
  return sql`UPDATE ${table} SET ${assignments(table, joins, "changed")} FROM ${source} AS changed (${aliases})
    WHERE ${sql.join(same, sql` AND `)}`;
}

function assignments(table: PgTable, joins: Shape["joins"], from: "excluded" | "changed"): SQL {
  const { byName } = columnsOf(table);
  const list = [...joins].map(([key, join]) => {
    const column = byName.get(key) as PgColumn;
    const given = sql`${sql.raw(from)}.${named(column)}`;
    if (join === "set") return sql`${named(column)} = ${given}`;
    return sql`${named(column)} = ${column} ${sql.raw(join === "add" ? "+" : "|")} ${given}`;
  });
  return sql.join(list, sql`, `);
}
