import type { Namespace, Store, Write } from "#node/interface/store.ts";

interface Table {
  entries: Map<string, [key: Uint8Array, value: Uint8Array]>;
  /** ids in order; some may be deleted */
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
    const found = this.#table(namespace).entries.get(id(key))?.[1];
    return found && new Uint8Array(found);
  }

  async write(batch: readonly Write[]): Promise<void> {
    for (const { namespace, key, value } of batch) {
      const table = this.#table(namespace);
      const name = id(key);
      if (value !== null) put(table, name, [new Uint8Array(key), new Uint8Array(value)]);
      else if (table.entries.delete(name)) table.gone.add(name);
    }
  }

  async *iterate(
    namespace: Namespace,
    range: { gte?: Uint8Array; lt?: Uint8Array; reverse?: boolean; limit?: number } = {},
  ): AsyncIterable<[key: Uint8Array, value: Uint8Array]> {
    const { gte, lt, reverse = false, limit = -1 } = range;
    const table = this.#table(namespace);
    const ids = sortedIds(table);
    const hits = ids.slice(gte ? lowerBound(ids, id(gte)) : 0, lt ? lowerBound(ids, id(lt)) : ids.length);
    if (reverse) hits.reverse();
    // what is there when the iteration begins, as in a snapshot
    const entries = hits.flatMap((name) => {
      const entry = table.entries.get(name);
      return entry ? [entry] : [];
    });
    for (const [key, value] of limit < 0 ? entries : entries.slice(0, limit)) {
      yield [new Uint8Array(key), new Uint8Array(value)];
    }
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

/** One character per byte: they compare as the bytes do. */
function id(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("latin1");
}

function put(table: Table, name: string, entry: [key: Uint8Array, value: Uint8Array]): void {
  if (!table.entries.has(name) && !table.gone.delete(name)) {
    const last = table.sorted.at(-1);
    table.sorted.push(name);
    if (last !== undefined && last > name) table.loose = true;
  }
  table.entries.set(name, entry);
}

function sortedIds(table: Table): string[] {
  if (table.gone.size > table.entries.size) {
    table.sorted = table.sorted.filter((name) => !table.gone.has(name));
    table.gone.clear();
  }
  if (table.loose) table.sorted.sort((a, b) => (a < b ? -1 : 1));
  table.loose = false;
  return table.sorted;
}

/** Index of the first id that is not below `name`. */
function lowerBound(ids: readonly string[], name: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] as string) < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
