import type { SQL } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import { columnsOf, type Join, type Shape, statementsOf } from "./bulk.ts";
import { type Copy, copy } from "./copy.ts";
import type { Transaction } from "./database.ts";
import { accounts } from "./schema.ts";

/** Bits of `accounts.roles`. */
export const ROLE = { client: 1, operator: 2, serviceOwner: 4, treasury: 8, buyback: 16 } as const;
export type Role = keyof typeof ROLE;

/** Changes of rows that are gathered before they are written: bounds the memory of a long range. */
const MAX_PENDING = 100_000;
const MANY = 2_500;

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
  shape: GrowingShape;
  values: Record<string, unknown>;
}

type Key = string | number;
/** Of each table, a row at most once. */
type Phase = Map<PgTable, Map<Key, Pending>>;

/** One object for all rows that set the same columns in the same order, so that rows are grouped without a look at their columns. Keys are in all. */
class GrowingShape implements Shape {
  readonly table: PgTable;
  readonly kind: Kind;
  readonly joins: ReadonlyMap<string, Join>;
  /** the same for those that set the same columns in another order */
  readonly id: string;
  readonly #empty: GrowingShape;
  readonly #next: Record<Join, Map<string, GrowingShape>> = { set: new Map(), add: new Map(), or: new Map() };

  constructor(
    table: PgTable,
    kind: Kind,
    joins: ReadonlyMap<string, Join> = new Map(),
    empty?: GrowingShape,
  ) {
    this.table = table;
    this.kind = kind;
    this.joins = joins;
    this.id = [kind, ...[...joins].map(([column, join]) => `${column} ${join}`).sort()].join();
    this.#empty = empty ?? this;
  }

  with(column: string, join: Join): GrowingShape {
    const found = this.#next[join].get(column);
    if (found) return found;
    const next = this.#make(column, join);
    this.#next[join].set(column, next);
    return next;
  }

  #make(column: string, join: Join): GrowingShape {
    const before = this.joins.get(column);
    const isKey = columnsOf(this.table).keys.some(({ name }) => name === column);
    if (before === join || isKey) return this;
    if (before === undefined)
      return new GrowingShape(this.table, this.kind, new Map(this.joins).set(column, join), this.#empty);
    let shape = this.#empty;
    for (const [name, how] of this.joins) shape = shape.with(name, name === column ? join : how);
    return shape;
  }
}

/**
 * What a range of logs or blocks writes. Changes of one row are joined, and all rows that change alike are written by one
 * statement, on every database. The result is that of one statement per change, in the order of the calls. A row that is given is
 * kept, and changed.
 */
export class Rows {
  #tx: Transaction;
  readonly #many: number;
  /** the later ones hold what cannot be joined with what is before it */
  #phases: Phase[] = [];
  #size = 0;
  /** of which many rows are gathered */
  #ripe: PgTable[] = [];
  /** the newest statement, after all before it */
  #running: Promise<unknown> = Promise.resolve();
  readonly #shapes = new Map<PgTable, Map<Kind, GrowingShape>>();

  /** `many`: new rows of one table that are worth a statement while others are gathered */
  constructor(tx: Transaction, many = MANY) {
    this.#tx = tx;
    this.#many = many;
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

  /** That what is gathered should be written before there is more. */
  get isMuch(): boolean {
    return this.#size >= MAX_PENDING;
  }

  /** Writes what is gathered, and gives the transaction for what has to read it or cannot be told by rows. */
  async flush(): Promise<Transaction> {
    const phases = this.#phases;
    this.#phases = [];
    this.#size = 0;
    this.#ripe = [];
    await this.#write(phases);
    await this.#running;
    return this.#tx;
  }

  /** That `begin` has something to do. */
  get hasMany(): boolean {
    return this.#ripe.length > 0;
  }

  /** Writes the new rows of tables that have many, without waiting for the end of it: the database then works while more is gathered. */
  async begin(): Promise<void> {
    const phase: Phase = new Map();
    for (const table of this.#ripe) {
      const rows = this.#phases[0]?.get(table) as Map<Key, Pending>;
      this.#phases[0]?.delete(table);
      this.#size -= rows.size;
      phase.set(table, rows);
    }
    this.#ripe = [];
    await this.#write([phase]);
  }

  /** In their order, one at a time; the last may still run. */
  async #write(phases: readonly Phase[]): Promise<void> {
    for (const statement of statementsIn(phases)) {
      await this.#running;
      this.#running = "data" in statement ? copy(this.#tx, statement) : this.#tx.execute(statement).execute();
      // heard of in the next turn, unless the next statement cannot be made
      this.#running.catch(() => undefined);
    }
  }

  #put(table: PgTable, kind: Kind, row: Row): void {
    const key = keyOf(table, row);
    let at = this.#phases.length - 1;
    while (at >= 0 && !this.#phases[at]?.get(table)?.has(key)) at--;
    const before = this.#phases[at]?.get(table)?.get(key);
    if (before && (before.shape.kind !== "update" || kind === "update") && kind !== "insert") {
      join(before, row);
      return;
    }
    at++;
    const phase: Phase = this.#phases[at] ?? new Map();
    this.#phases[at] = phase;
    const rows = phase.get(table) ?? new Map<Key, Pending>();
    phase.set(table, rows);
    rows.set(key, pendingOf(this.#shape(table, kind), row));
    this.#size++;
    if (kind === "insert" && at === 0 && rows.size === this.#many) this.#ripe.push(table);
  }

  /** Of a row that sets nothing yet. */
  #shape(table: PgTable, kind: Kind): GrowingShape {
    const kinds = this.#shapes.get(table) ?? new Map<Kind, GrowingShape>();
    this.#shapes.set(table, kinds);
    const shape = kinds.get(kind) ?? new GrowingShape(table, kind);
    kinds.set(kind, shape);
    return shape;
  }
}

/** Each is made while the one before it runs. */
function* statementsIn(phases: readonly Phase[]): Generator<SQL | Copy> {
  for (const phase of phases) {
    for (const rows of phase.values()) {
      for (const [shape, list] of byShape(rows.values())) yield* statementsOf(shape, list);
    }
  }
}

/** The places of logs, of which there are the most, are numbers: those need not be made, kept and compared as texts. */
const LOGS = 2 ** 20;
const BLOCKS = 2 ** 32;

function keyOf(table: PgTable, row: Row): Key {
  const { keys } = columnsOf(table);
  const [a, b] = [row[keys[0]?.name as string], row[keys[1]?.name as string]];
  if (keys.length === 1) return a as Key;
  if (keys.length === 2 && typeof a === "number" && typeof b === "number") {
    if (a >= 0 && a < BLOCKS && b >= 0 && b < LOGS) return a * LOGS + b;
  }
  let key = "";
  for (const { name } of keys) key += `${row[name]}\u0000`;
  return key;
}

type Row = Record<string, unknown>;

/** What is gathered of a row at first: the row itself, which nobody else has. */
function pendingOf(empty: GrowingShape, row: Row): Pending {
  let shape = empty;
  for (const column in row) {
    const given = row[column];
    if (given === undefined) continue;
    const isChange = given instanceof Change;
    if (isChange) row[column] = given.value;
    shape = shape.with(column, isChange && shape.kind !== "insert" ? given.join : "set");
  }
  return { shape, values: row };
}

/** Puts the columns of `row` onto what is gathered of it. */
function join(pending: Pending, row: Row): void {
  const { values } = pending;
  let { shape } = pending;
  for (const column in row) {
    const given = row[column];
    if (given === undefined) continue;
    if (!(given instanceof Change)) {
      values[column] = given;
      shape = shape.with(column, "set");
      continue;
    }
    const before = values[column];
    values[column] = before === undefined ? given.value : combine(given.join, before, given.value);
    if (!shape.joins.has(column)) shape = shape.with(column, shape.kind === "insert" ? "set" : given.join);
  }
  pending.shape = shape;
}

function combine(how: Change["join"], before: unknown, value: bigint | number): bigint | number {
  return how === "add" ? (before as bigint) + (value as bigint) : (before as number) | (value as number);
}

/** Rows that change alike: one statement holds them. */
function byShape(rows: Iterable<Pending>): [Shape, Pending["values"][]][] {
  const shapes = new Map<string, [Shape, Pending["values"][]]>();
  for (const { shape, values } of rows) {
    if (shape.kind === "update" && shape.joins.size === 0) continue;
    const [, list] = shapes.get(shape.id) ?? [];
    if (list) list.push(values);
    else shapes.set(shape.id, [shape, [values]]);
  }
  return [...shapes.values()];
}

/** Makes missing accounts, and adds `roles` (bits) to each. */
export function ensureAccounts(rows: Rows, addresses: Iterable<string>, roles = 0): void {
  for (const address of addresses)
    rows.upsert(accounts, roles === 0 ? { address } : { address, roles: withBits(roles) });
}
