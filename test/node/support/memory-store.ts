import type { Namespace, Store, Write } from "#node/interface/store.ts";

/** Keys and values are strings here, one character per byte: they sort as the bytes do, and the heap holds them for less. */
interface Table {
  /** value by key */
  entries: Map<string, string>;
  /** keys in order; some may be deleted */
  sorted: string[];
  /** deleted, and still in `sorted` */
  gone: Set<string>;
  /** whether `sorted` lacks order */
  loose: boolean;
}

/** The store interface in memory, for tests and simulations. `clone` is what a crash at this moment leaves on disk. */
export class MemoryStore implements Store {
  #tables = new Map<Namespace, Table>();

  async get(namespace: Namespace, key: Uint8Array): Promise<Uint8Array | undefined> {
    const found = this.#table(namespace).entries.get(text(key));
    return found === undefined ? undefined : bytes(found);
  }

  async write(batch: readonly Write[]): Promise<void> {
    for (const { namespace, key, value } of batch) {
      const table = this.#table(namespace);
      const name = text(key);
      if (value !== null) put(table, name, text(value));
      else if (table.entries.delete(name)) table.gone.add(name);
    }
  }

  async *iterate(
    namespace: Namespace,
    range: { gte?: Uint8Array; lt?: Uint8Array; reverse?: boolean; limit?: number } = {},
  ): AsyncIterable<[key: Uint8Array, value: Uint8Array]> {
    const { gte, lt, reverse = false, limit = -1 } = range;
    const table = this.#table(namespace);
    const names = sortedNames(table);
    const from = gte ? lowerBound(names, text(gte)) : 0;
    const to = lt ? lowerBound(names, text(lt)) : names.length;
    const most = limit < 0 ? Number.POSITIVE_INFINITY : limit;
    // what is there when the iteration begins, as in a snapshot
    const hits: [name: string, value: string][] = [];
    for (let at = 0; at < to - from && hits.length < most; at++) {
      const name = names[reverse ? to - 1 - at : from + at] as string;
      const value = table.entries.get(name);
      if (value !== undefined) hits.push([name, value]);
    }
    for (const [name, value] of hits) yield [bytes(name), bytes(value)];
  }

  clone(): MemoryStore {
    const copy = new MemoryStore();
    for (const [namespace, { entries }] of this.#tables) {
      copy.#tables.set(namespace, {
        entries: new Map(entries),
        sorted: [...entries.keys()],
        gone: new Set(),
        loose: true,
      });
    }
    return copy;
  }

  #table(namespace: Namespace): Table {
    const known = this.#tables.get(namespace);
    if (known) return known;
    const made: Table = { entries: new Map(), sorted: [], gone: new Set(), loose: false };
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

function put(table: Table, name: string, value: string): void {
  if (!table.entries.has(name) && !table.gone.delete(name)) {
    const last = table.sorted.at(-1);
    table.sorted.push(name);
    if (last !== undefined && last > name) table.loose = true;
  }
  table.entries.set(name, value);
}

function sortedNames(table: Table): string[] {
  if (table.gone.size > table.entries.size) {
    table.sorted = table.sorted.filter((name) => !table.gone.has(name));
    table.gone.clear();
  }
  if (table.loose) table.sorted.sort((a, b) => (a < b ? -1 : 1));
  table.loose = false;
  return table.sorted;
}

/** Index of the first name that is not below `name`. */
function lowerBound(names: readonly string[], name: string): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((names[middle] as string) < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
