import type { Namespace, Store, Write } from "#node/interface/store.ts";

/** Keys and values are strings here, one character per byte: they sort as the bytes do, and the heap holds them for less. */
interface Entry {
  name: string;
  /** undefined when it is deleted */
  value: string | undefined;
}

interface Table {
  byName: Map<string, Entry>;
  /** in order; some may be deleted */
  sorted: Entry[];
  /** deleted, and still in `sorted` */
  gone: number;
  /** whether `sorted` lacks order */
  loose: boolean;
}

/** The store interface in memory, for tests and simulations. `clone` is what a crash at this moment leaves on disk. */
export class MemoryStore implements Store {
  #tables = new Map<Namespace, Table>();

  async get(namespace: Namespace, key: Uint8Array): Promise<Uint8Array | undefined> {
    const found = this.#table(namespace).byName.get(text(key))?.value;
    return found === undefined ? undefined : bytes(found);
  }

  async write(batch: readonly Write[]): Promise<void> {
    for (const { namespace, key, value } of batch) {
      put(this.#table(namespace), text(key), value === null ? undefined : text(value));
    }
  }

  async *iterate(
    namespace: Namespace,
    range: { gte?: Uint8Array; lt?: Uint8Array; reverse?: boolean; limit?: number } = {},
  ): AsyncIterable<[key: Uint8Array, value: Uint8Array]> {
    const { gte, lt, reverse = false, limit = -1 } = range;
    const table = this.#table(namespace);
    const entries = inOrder(table);
    const from = gte ? lowerBound(entries, text(gte)) : 0;
    const to = lt ? lowerBound(entries, text(lt)) : entries.length;
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
    const made: Table = { byName: new Map(), sorted: [], gone: 0, loose: false };
    this.#tables.set(namespace, made);
    return made;
  }
}

function text(of: Uint8Array): string {
  return Buffer.from(of.buffer, of.byteOffset, of.byteLength).toString("latin1");
}

function bytes(of: string): Uint8Array {
  const { buffer, byteOffset, byteLength } = Buffer.from(of, "latin1");
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function put(table: Table, name: string, value: string | undefined): void {
  const known = table.byName.get(name);
  if (known) {
    table.gone += Number(value === undefined) - Number(known.value === undefined);
    known.value = value;
    return;
  }
  if (value === undefined) return;
  const last = table.sorted.at(-1);
  const entry = { name, value };
  table.sorted.push(entry);
  table.byName.set(name, entry);
  if (last !== undefined && last.name > name) table.loose = true;
}

function inOrder(table: Table): Entry[] {
  if (2 * table.gone > table.sorted.length) {
    for (const { name, value } of table.sorted) if (value === undefined) table.byName.delete(name);
    table.sorted = table.sorted.filter(({ value }) => value !== undefined);
    table.gone = 0;
  }
  if (table.loose) table.sorted.sort((a, b) => (a.name < b.name ? -1 : 1));
  table.loose = false;
  return table.sorted;
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
