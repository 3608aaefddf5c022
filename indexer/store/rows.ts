import type { PgTable } from "drizzle-orm/pg-core";
import { columnsOf, type Join, type Shape, writeShape } from "./bulk.ts";
import type { Transaction } from "./database.ts";
import { accounts } from "./schema.ts";

/** Bits of `accounts.roles`. */
export const ROLE = { client: 1, operator: 2, serviceOwner: 4, treasury: 8, buyback: 16 } as const;
export type Role = keyof typeof ROLE;

/** Changes of rows that are gathered before they are written: bounds the memory of a long range. */
const MAX_PENDING = 100_000;

/** A value that joins the one that is there. */
class Change {
  readonly join: Exclude<Join, "set">;
  readonly value: bigint | number;

  constructor(join: Change["join"], value: bigint | number) {
    this.join = join;
    this.value = value;
  }
}

/** Of an amount: what it grows by. Where there is no row yet, it grows from 0. */
export const plus = (value: bigint): Change => new Change("add", value);
/** Of a set of bits: what is added to it. */
export const withBits = (value: number): Change => new Change("or", value);

type Values<Row> = { [Column in keyof Row]: Row[Column] | Change };
type Kind = Shape["kind"];

interface Pending {
  kind: Kind;
  values: Record<string, unknown>;
  joins: Map<string, Join>;
}

/**
 * What a range of logs or blocks writes. Changes of one row are joined, and all rows that change alike are written by one
 * statement, on every database. The result is that of one statement per change, in the order of the calls.
 */
export class Rows {
  #tx: Transaction;
  /** in each, a row at most once; the later ones hold what cannot be joined with what is before it */
  #phases: Map<PgTable, Map<string, Pending>>[] = [];
  #size = 0;

  constructor(tx: Transaction) {
    this.#tx = tx;
  }

  /** A row that is not there yet: another with its key is an error of `flush`. */
  insert<T extends PgTable>(table: T, row: T["$inferInsert"]): void {
    this.#put(table, "insert", row);
  }

  /** A row, or changes of the one that has its key. */
  upsert<T extends PgTable>(table: T, row: Values<T["$inferInsert"]>): void {
    this.#put(table, "upsert", row);
  }

  /** Changes of the row that has the key of `row`; nothing when none has. */
  update<T extends PgTable>(table: T, row: Partial<Values<T["$inferInsert"]>>): void {
    this.#put(table, "update", row);
  }

  /** Writes what is gathered if that is much. */
  async relieve(): Promise<void> {
    if (this.#size >= MAX_PENDING) await this.flush();
  }

  /** Writes what is gathered, and gives the transaction for what has to read it or cannot be told by rows. */
  async flush(): Promise<Transaction> {
    const phases = this.#phases;
    this.#phases = [];
    this.#size = 0;
    for (const phase of phases) {
      for (const [table, rows] of phase) {
        for (const { shape, list } of shapesOf(table, rows.values())) await writeShape(this.#tx, shape, list);
      }
    }
    return this.#tx;
  }

  #put(table: PgTable, kind: Kind, row: Readonly<Record<string, unknown>>): void {
    const key = keyOf(table, row);
    let at = this.#phases.findLastIndex((phase) => phase.get(table)?.has(key));
    const before = at < 0 ? undefined : this.#phases[at]?.get(table)?.get(key);
    if (before && (before.kind !== "update" || kind === "update") && kind !== "insert") {
      join(before, table, row);
      return;
    }
    at++;
    const phase = this.#phases[at] ?? new Map<PgTable, Map<string, Pending>>();
    this.#phases[at] = phase;
    const rows = phase.get(table) ?? new Map<string, Pending>();
    phase.set(table, rows);
    const pending: Pending = { kind, values: {}, joins: new Map() };
    for (const column of columnsOf(table).keys) pending.values[column.name] = row[column.name];
    join(pending, table, row);
    rows.set(key, pending);
    this.#size++;
  }
}

function keyOf(table: PgTable, row: Readonly<Record<string, unknown>>): string {
  const { keys } = columnsOf(table);
  const [only] = keys;
  if (keys.length === 1 && only) return String(row[only.name]);
  return keys.map((column) => String(row[column.name])).join("\u0000");
}

/** Puts the columns of `row` onto what is gathered of it. */
function join(
  { kind, values, joins }: Pending,
  table: PgTable,
  row: Readonly<Record<string, unknown>>,
): void {
  const { keys } = columnsOf(table);
  for (const column of Object.keys(row)) {
    const given = row[column];
    if (given === undefined || keys.some((key) => key.name === column)) continue;
    if (!(given instanceof Change)) {
      values[column] = given;
      joins.set(column, "set");
      continue;
    }
    const before = values[column];
    values[column] = before === undefined ? given.value : combine(given.join, before, given.value);
    if (!joins.has(column)) joins.set(column, kind === "insert" ? "set" : given.join);
  }
}

function combine(how: Change["join"], before: unknown, value: bigint | number): bigint | number {
  return how === "add" ? (before as bigint) + (value as bigint) : (before as number) | (value as number);
}

/** Groups rows that change alike: so that one statement holds them. */
function shapesOf(table: PgTable, rows: Iterable<Pending>): { shape: Shape; list: Pending["values"][] }[] {
  const shapes = new Map<string, { shape: Shape; list: Pending["values"][] }>();
  for (const { kind, values, joins } of rows) {
    if (kind === "update" && joins.size === 0) continue;
    let id: string = kind;
    for (const [column, how] of joins) id += ` ${column} ${how}`;
    const group = shapes.get(id) ?? { shape: { table, kind, joins }, list: [] };
    shapes.set(id, group);
    group.list.push(values);
  }
  return [...shapes.values()];
}

/** Makes missing accounts, and adds `roles` (bits) to each. */
export function ensureAccounts(rows: Rows, addresses: Iterable<string>, roles = 0): void {
  for (const address of addresses)
    rows.upsert(accounts, roles === 0 ? { address } : { address, roles: withBits(roles) });
}
