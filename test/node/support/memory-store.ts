import type { Namespace, Store, Write } from "#node/interface/store.ts";
import { Slab } from "./slab.ts";
import { textOf } from "./text.ts";

/** Keys and values are strings here, one character per byte: they sort as the bytes do, and the heap holds them for less. */
interface Entry {
  name: string;
  /** undefined when it is deleted */
  value: string | undefined;
}

interface Table {
  byName: Map<string, Entry>;
  /** the first `inOrder` by name, then those that came since in the order in which they came; some may be deleted */
  entries: Entry[];
  inOrder: number;
  /** deleted, and still in `entries` */
  gone: number;
}

/** The store interface in memory, for tests and simulations. `clone` is what a crash at this moment leaves on disk. */
export class MemoryStore implements Store {
  #tables = new Map<Namespace, Table>();

  async get(namespace: Namespace, key: Uint8Array): Promise<Uint8Array | undefined> {
    const found = this.#table(namespace).byName.get(textOf(key))?.value;
    return found === undefined ? undefined : bytes(found);
  }

  async write(batch: readonly Write[]): Promise<void> {
    for (const { namespace, key, value } of batch) {
      put(this.#table(namespace), textOf(key), value === null ? undefined : textOf(value));
    }
  }

  async *iterate(
    namespace: Namespace,
    range: { gte?: Uint8Array; lt?: Uint8Array; reverse?: boolean; limit?: number } = {},
  ): AsyncIterable<[key: Uint8Array, value: Uint8Array]> {
    const { gte, lt, reverse = false, limit = -1 } = range;
    const table = this.#table(namespace);
    const entries = ordered(table);
    const from = gte ? lowerBound(entries, textOf(gte)) : 0;
    const to = lt ? lowerBound(entries, textOf(lt)) : entries.length;
    const most = limit < 0 ? Number.POSITIVE_INFINITY : limit;
    // what is there when the iteration begins, as in a snapshot
    const hits: [name: string, value: string][] = [];
    for (let at = 0; at < to - from && hits.length < most; at++) {
      const { name, value } = entries[reverse ? to - 1 - at : from + at] as Entry;
      if (value !== undefined) hits.push([name, value]);
    }
    for (const [name, value] of hits) yield [bytes(name), bytes(value)];
  }

  clone(): MemoryStore {
    const copy = new MemoryStore();
    for (const [namespace, { byName }] of this.#tables) {
      const table = copy.#table(namespace);
      for (const { name, value } of byName.values()) if (value !== undefined) put(table, name, value);
    }
    return copy;
  }

  #table(namespace: Namespace): Table {
    const known = this.#tables.get(namespace);
    if (known) return known;
    const made: Table = { byName: new Map(), entries: [], inOrder: 0, gone: 0 };
    this.#tables.set(namespace, made);
    return made;
  }
}

const slab = new Slab();

function bytes(of: string): Uint8Array {
  return slab.latin1(of);
}

function put(table: Table, name: string, value: string | undefined): void {
  const known = table.byName.get(name);
  if (known) {
    table.gone += Number(value === undefined) - Number(known.value === undefined);
    known.value = value;
    return;
  }
  if (value === undefined) return;
  const entry = { name, value };
  table.entries.push(entry);
  table.byName.set(name, entry);
}

function ordered(table: Table): readonly Entry[] {
  const { entries } = table;
  if (table.inOrder < entries.length) mergeLast(entries, table.inOrder);
  table.inOrder = entries.length;
  if (2 * table.gone > entries.length) {
    for (const { name, value } of entries) if (value === undefined) table.byName.delete(name);
    table.entries = entries.filter(({ value }) => value !== undefined);
    table.inOrder = table.entries.length;
    table.gone = 0;
  }
  return table.entries;
}

/** Sorts entries of which the first `count` are in order: few come between two looks, and most of them belong at the end. */
function mergeLast(entries: Entry[], count: number): void {
  const last = entries.slice(count).sort((a, b) => (a.name < b.name ? -1 : 1));
  let left = count - 1;
  let right = last.length - 1;
  for (let at = entries.length - 1; right >= 0; at--) {
    const before = left < 0 ? undefined : entries[left];
    const next = last[right] as Entry;
    const takesLeft = before !== undefined && before.name > next.name;
    entries[at] = takesLeft ? before : next;
    if (takesLeft) left--;
    else right--;
  }
}

/** Index of the first entry whose name is not below `name`. */
function lowerBound(entries: readonly Entry[], name: string): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle] as Entry).name < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
