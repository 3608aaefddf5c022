import type { Type } from "@chainsafe/ssz";
import type { Write } from "#node/interface/store.ts";
import { RecordRoots } from "#protocol/ssz/record-roots.ts";
import { RootList } from "#protocol/ssz/root-list.ts";
import { transitionError } from "./errors.ts";

const INDEX_BYTES = 4;
const UNHASHED = 1;
const UNWRITTEN = 2;
const NOWHERE = { key: undefined, index: undefined };

/**
 * An append-only list of records with one key each. Records are replaced whole, never changed in place. The root is that
 * of the SSZ `List[T, limit]`, kept up to date over the roots of the records.
 */
export class Table<T> {
  readonly #tag: number;
  readonly #type: Type<T>;
  readonly #keyOf: (record: T) => string;
  readonly #recordRoots: RecordRoots<T>;
  readonly #roots: RootList;
  #records: T[] = [];
  #indexes = new Map<string, number>();
  /** what was looked up last */
  #last: { readonly key: string | undefined; readonly index: number | undefined } = NOWHERE;
  /** by record, UNHASHED and UNWRITTEN: lists of numbers and a flag for each cost a fraction of sets */
  #flags: number[] = [];
  #unhashed: number[] = [];
  #unwritten: number[] = [];
  /** by record, of those that are hashed and not written */
  #encoded: (Uint8Array | undefined)[] = [];
  /** records on disk, as far as `drainWrites` has told */
  #written = 0;

  constructor(tag: number, type: Type<T>, limit: number, key: (record: T) => string) {
    this.#tag = tag;
    this.#type = type;
    this.#keyOf = key;
    this.#recordRoots = new RecordRoots(type);
    this.#roots = new RootList(limit);
  }

  get size(): number {
    return this.#records.length;
  }

  get(key: string): T | undefined {
    const index = this.#indexOf(key);
    return index === undefined ? undefined : this.#records[index];
  }

  /** In the order in which keys were first put. */
  values(): readonly T[] {
    return this.#records;
  }

  /** `key`: the record's, where the caller has it: making one costs more than the rest. */
  put(record: T, key: string = this.#keyOf(record)): void {
    let index = this.#indexOf(key);
    if (index === undefined) {
      index = this.#records.length;
      this.#indexes.set(key, index);
      this.#last = { key, index };
      this.#flags.push(0);
      this.#encoded.push(undefined);
    }
    this.#records[index] = record;
    this.#encoded[index] = undefined;
    const flags = this.#flags[index] as number;
    if ((flags & UNHASHED) === 0) this.#unhashed.push(index);
    if ((flags & UNWRITTEN) === 0) this.#unwritten.push(index);
    this.#flags[index] = UNHASHED | UNWRITTEN;
  }

  /** One record is asked for several times before it is put, and a long key is quicker compared than hashed. */
  #indexOf(key: string): number | undefined {
    if (this.#last.key !== key) this.#last = { key, index: this.#indexes.get(key) };
    return this.#last.index;
  }

  clear(): void {
    this.#records = [];
    this.#last = NOWHERE;
    this.#indexes.clear();
    this.#flags = [];
    this.#unhashed = [];
    this.#unwritten = [];
    this.#encoded = [];
    this.#roots.clear();
  }

  root(): Uint8Array {
    const changed = this.#unhashed.sort((a, b) => a - b);
    const { encoded, roots } = this.#recordRoots.compute(changed.map((index) => this.#records[index] as T));
    this.#roots.update(changed, roots);
    for (let at = 0; at < changed.length; at++) {
      const index = changed[at] as number;
      const flags = (this.#flags[index] as number) & ~UNHASHED;
      this.#flags[index] = flags;
      if (flags === UNWRITTEN) this.#encoded[index] = encoded[at];
    }
    this.#unhashed = [];
    return this.#roots.root();
  }

  drainWrites(out: Write[]): void {
    for (const index of this.#unwritten) {
      const value = this.#encoded[index] ?? this.#type.serialize(this.#records[index] as T);
      out.push({ namespace: "state", key: this.#key(index), value });
      this.#encoded[index] = undefined;
      this.#flags[index] = (this.#flags[index] as number) & ~UNWRITTEN;
    }
    for (let index = this.#records.length; index < this.#written; index++) {
      out.push({ namespace: "state", key: this.#key(index), value: null });
    }
    this.#written = this.#records.length;
    this.#unwritten = [];
  }

  /** Takes back what `drainWrites` gave, in any order. @throws ERR_STATE_RECORDS */
  load(records: ReadonlyMap<number, Uint8Array>): void {
    this.clear();
    for (let index = 0; index < records.size; index++) {
      const bytes = records.get(index);
      if (!bytes)
        throw transitionError("ERR_STATE_RECORDS", "a state record is missing", { table: this.#tag, index });
      this.put(decodeRecord(this.#type, bytes, this.#tag, index));
    }
    if (this.#records.length !== records.size) {
      throw transitionError("ERR_STATE_RECORDS", "two state records have one key", { table: this.#tag });
    }
    this.#written = records.size;
    for (const index of this.#unwritten) this.#flags[index] = (this.#flags[index] as number) & ~UNWRITTEN;
    this.#unwritten = [];
  }

  #key(index: number): Uint8Array {
    return recordKey(this.#tag, index);
  }
}

/** Two tables that take turns by the parity of the epoch, so that the close of one moves no record. */
export class EpochTables<T> {
  readonly parts: [tag: number, table: Table<T>][];
  readonly #even: Table<T>;
  readonly #odd: Table<T>;

  constructor([even, odd]: [number, number], type: Type<T>, limit: number, key: (record: T) => string) {
    this.#even = new Table(even, type, limit, key);
    this.#odd = new Table(odd, type, limit, key);
    this.parts = [
      [even, this.#even],
      [odd, this.#odd],
    ];
  }

  of(epoch: number): Table<T> {
    return epoch % 2 === 0 ? this.#even : this.#odd;
  }
}

/** One record that is always there. */
export class Cell<T> {
  readonly #tag: number;
  readonly #type: Type<T>;
  #value: T;
  #root: Uint8Array | undefined;
  #unwritten = true;

  constructor(tag: number, type: Type<T>) {
    this.#tag = tag;
    this.#type = type;
    this.#value = type.defaultValue();
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    this.#value = value;
    this.#root = undefined;
    this.#unwritten = true;
  }

  root(): Uint8Array {
    this.#root ??= this.#type.hashTreeRoot(this.#value);
    return this.#root;
  }

  drainWrites(out: Write[]): void {
    if (!this.#unwritten) return;
    out.push({ namespace: "state", key: recordKey(this.#tag, 0), value: this.#type.serialize(this.#value) });
    this.#unwritten = false;
  }

  /** @throws ERR_STATE_RECORDS */
  load(records: ReadonlyMap<number, Uint8Array>): void {
    const bytes = records.get(0);
    if (!bytes || records.size !== 1) {
      throw transitionError("ERR_STATE_RECORDS", "a state record is missing", { table: this.#tag, index: 0 });
    }
    this.set(decodeRecord(this.#type, bytes, this.#tag, 0));
    this.#unwritten = false;
  }
}

/** @throws ERR_STATE_RECORDS */
function decodeRecord<T>(type: Type<T>, bytes: Uint8Array, table: number, index: number): T {
  try {
    return type.deserialize(bytes);
  } catch (cause) {
    throw transitionError("ERR_STATE_RECORDS", `a state record is unreadable: ${cause}`, { table, index });
  }
}

function recordKey(tag: number, index: number): Uint8Array {
  const key = new Uint8Array(1 + INDEX_BYTES);
  key[0] = tag;
  // a DataView costs more than the key
  for (let at = INDEX_BYTES, rest = index; at > 0; at--, rest = Math.floor(rest / 256)) key[at] = rest;
  return key;
}

/** Records by table tag and index. @throws ERR_STATE_RECORDS */
export function groupRecords(
  records: Iterable<[Uint8Array, Uint8Array]>,
): Map<number, Map<number, Uint8Array>> {
  const groups = new Map<number, Map<number, Uint8Array>>();
  for (const [key, value] of records) {
    if (key.length !== 1 + INDEX_BYTES) {
      throw transitionError("ERR_STATE_RECORDS", "not a key of a state record", { length: key.length });
    }
    const tag = key[0] as number;
    const index = new DataView(key.buffer, key.byteOffset, key.byteLength).getUint32(1, false);
    const group = groups.get(tag) ?? new Map<number, Uint8Array>();
    groups.set(tag, group.set(index, value));
  }
  return groups;
}
