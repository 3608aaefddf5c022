import type { Namespace, Store, Write } from "#node/interface/store.ts";
import type { Rng } from "#scripts/bench/support/rng.ts";
import type { MemoryStore } from "#test/node/support/memory-store.ts";
import type { SimProcess } from "./sim-process.ts";

export interface DiskEvents {
  /** the longest that one write takes, ms */
  slowestMs(): number;
  /** right before a durable write; may kill the process, and then nothing is written */
  writes(): void;
  /** right after it, before the process knows; may kill the process */
  wrote(part: readonly Write[]): void;
}

const QUICK: DiskEvents = { slowestMs: () => 4, writes: () => undefined, wrote: () => undefined };

/**
 * A disk as the LevelDB adapter has it: writes take time and happen in their order; a batch is atomic within the
 * protection database and within the other one, protection first, and a crash may come between the two.
 */
export class SimStore implements Store {
  #disk: MemoryStore;
  #process: SimProcess;
  #rng: Rng;
  #events: DiskEvents;
  #last: Promise<void> = Promise.resolve();

  constructor(disk: MemoryStore, process: SimProcess, rng: Rng, events: DiskEvents = QUICK) {
    this.#disk = disk;
    this.#process = process;
    this.#rng = rng;
    this.#events = events;
  }

  async get(namespace: Namespace, key: Uint8Array): Promise<Uint8Array | undefined> {
    if (!this.#process.alive) return never();
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
    for (const part of partsOf(batch)) {
      await this.#pause();
      this.#events.writes();
      if (!this.#process.alive) return never();
      await this.#disk.write(part);
      this.#events.wrote(part);
      if (!this.#process.alive) return never();
    }
  }

  /** Never resolves in a killed process. */
  #pause(): Promise<void> {
    const ms = this.#rng.int(0, this.#events.slowestMs());
    return new Promise((resolve) => this.#process.after(ms, resolve));
  }
}

/** Protection first; most batches are of one part. */
function partsOf(batch: readonly Write[]): (readonly Write[])[] {
  const first = batch[0];
  if (!first) return [];
  const mixed = batch.some(({ namespace }) => isSigned(namespace) !== isSigned(first.namespace));
  if (!mixed) return [batch];
  return [true, false].map((signed) => batch.filter(({ namespace }) => isSigned(namespace) === signed));
}

function isSigned(namespace: Namespace): boolean {
  return namespace === "protection";
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}
