import type { Namespace, Store, Write } from "#node/interface/store.ts";
import type { MemoryStore } from "#test/node/support/memory-store.ts";
import type { Rng } from "./rng.ts";
import type { SimProcess } from "./sim-process.ts";

/**
 * A disk as the LevelDB adapter has it: writes take time and happen in their order; a batch is atomic within the
 * protection database and within the other one, protection first, and a crash may come between the two.
 */
export class SimStore implements Store {
  #disk: MemoryStore;
  #process: SimProcess;
  #rng: Rng;
  #last: Promise<void> = Promise.resolve();

  constructor(disk: MemoryStore, process: SimProcess, rng: Rng) {
    this.#disk = disk;
    this.#process = process;
    this.#rng = rng;
  }

  async get(namespace: Namespace, key: Uint8Array): Promise<Uint8Array | undefined> {
    if (!this.#process.alive) return new Promise(() => {});
    return this.#disk.get(namespace, key);
  }

  write(batch: readonly Write[]): Promise<void> {
    const next = this.#last.then(() => this.#commit(batch));
    this.#last = next;
    return next;
  }

  iterate(
    namespace: Namespace,
    range?: { gte?: Uint8Array; lt?: Uint8Array; reverse?: boolean; limit?: number },
  ): AsyncIterable<[key: Uint8Array, value: Uint8Array]> {
    return this.#disk.iterate(namespace, range);
  }

  async #commit(batch: readonly Write[]): Promise<void> {
    const parts = [
      batch.filter(({ namespace }) => namespace === "protection"),
      batch.filter(({ namespace }) => namespace !== "protection"),
    ];
    for (const part of parts.filter(({ length }) => length > 0)) {
      await this.#pause();
      await this.#disk.write(part);
    }
  }

  /** Never resolves in a killed process. */
  #pause(): Promise<void> {
    return new Promise((resolve) => this.#process.after(this.#rng.int(0, 4), resolve));
  }
}
