import type { Effect } from "#node/consensus/effects.ts";
import type { Store, Write } from "#node/interface/store.ts";
import { Room } from "../support/room.ts";

/** Effects that wait for the disk before more messages are taken. */
const MAX_HELD = 4_096;

/**
 * NAR-DURABLE: carries out effects in their order. The writes of all that wait go to disk together, synced, before any of the
 * rest leaves, so that a write never comes after the message that it guards.
 */
export class EffectPump {
  #store: Store;
  #perform: (effect: Exclude<Effect, { type: "persist" }>) => void;
  #failed: (error: unknown) => void;
  #queue: Effect[] = [];
  #running: Promise<void> | undefined;
  #halted = false;
  readonly room: Room = new Room(MAX_HELD);

  constructor(
    store: Store,
    perform: (effect: Exclude<Effect, { type: "persist" }>) => void,
    failed: (error: unknown) => void,
  ) {
    this.#store = store;
    this.#perform = perform;
    this.#failed = failed;
  }

  push(effects: readonly Effect[]): void {
    if (this.#halted || effects.length === 0) return;
    this.#queue.push(...effects);
    this.room.take(effects.length);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Nothing more leaves; resolves when a running write has ended. */
  async halt(): Promise<void> {
    this.#halted = true;
    this.room.open();
    await this.#running;
  }

  /**
   * Certificates first: a batch is whole within `protection/` and within the rest only, and a crash between the two would leave a
   * recorded header with parents that nobody has. No other header could ever be made in its place.
   */
  async #persist(writes: readonly Write[]): Promise<void> {
    if (writes.length === 0) return;
    const found = writes.filter(({ namespace }) => namespace !== "protection");
    const signed = writes.filter(({ namespace }) => namespace === "protection");
    for (const part of [found, signed]) if (part.length > 0) await this.#store.write(part);
  }

  async #run(): Promise<void> {
    try {
      while (this.#queue.length > 0 && !this.#halted) {
        const batch = this.#queue;
        this.#queue = [];
        await this.#persist(batch.flatMap((effect) => (effect.type === "persist" ? effect.writes : [])));
        for (const effect of batch) {
          if (this.#halted) return;
          if (effect.type !== "persist") this.#perform(effect);
        }
        this.room.free(batch.length);
      }
    } catch (error) {
      this.#halted = true;
      this.room.open();
      this.#failed(error);
    }
  }
}
