import type { Clock } from "#node/interface/clock.ts";

/** One run of a node: after `kill` nothing of it moves any more, whatever it had started. */
export class SimProcess implements Clock {
  alive = true;
  #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  kill(): void {
    this.alive = false;
  }

  now(): number {
    return this.#clock.now();
  }

  after(ms: number, callback: () => void): () => void {
    return this.#clock.after(ms, () => {
      if (this.alive) callback();
    });
  }
}
