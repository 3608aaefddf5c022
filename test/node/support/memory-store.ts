import type { Namespace, Store, Write } from "#node/interface/store.ts";
import { compareBytes } from "#protocol/types/codec.ts";

interface Table {
  entries: Map<string, [key: Uint8Array, value: Uint8Array]>;
  sorted: [key: Uint8Array, value: Uint8Array][] | undefined;
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
      table.sorted = undefined;
      if (value === null) table.entries.delete(id(key));
      else table.entries.set(id(key), [new Uint8Array(key), new Uint8Array(value)]);
    }
  }

  async *iterate(
    namespace: Namespace,
    range: { gte?: Uint8Array; lt?: Uint8Array; reverse?: boolean; limit?: number } = {},
  ): AsyncIterable<[key: Uint8Array, value: Uint8Array]> {
    const { gte, lt, reverse = false, limit = -1 } = range;
    const table = this.#table(namespace);
    table.sorted ??= [...table.entries.values()].sort((a, b) => compareBytes(a[0], b[0]));
    const hits = table.sorted.filter(
      ([key]) => (!gte || compareBytes(key, gte) >= 0) && (!lt || compareBytes(key, lt) < 0),
    );
    if (reverse) hits.reverse();
    for (const [key, value] of limit < 0 ? hits : hits.slice(0, limit)) {
      yield [new Uint8Array(key), new Uint8Array(value)];
    }
  }

  clone(): MemoryStore {
    const copy = new MemoryStore();
    for (const [namespace, table] of this.#tables) {
      copy.#tables.set(namespace, { entries: new Map(table.entries), sorted: undefined });
    }
    return copy;
  }

  #table(namespace: Namespace): Table {
    const known = this.#tables.get(namespace);
    if (known) return known;
    const made: Table = { entries: new Map(), sorted: undefined };
    this.#tables.set(namespace, made);
    return made;
  }
}

function id(key: Uint8Array): string {
  return Buffer.from(key).toString("latin1");
}
