import type { Clock } from "#node/interface/clock.ts";

/** One run of a node: after `kill` nothing of it moves any more, whatever it had started. */
export class SimProcess implements Clock {
  alive = true;
  #clock: Clock;
  #skewMs: () => number;
  #threw: (error: unknown) => void;
  /** lets go of what the JavaScript engine would keep for ever */
  #endings = new Set<() => void>();

  /** `skewMs`: how far the machine's clock is ahead of true time; `threw`: what nothing in the process caught */
  constructor(clock: Clock, skewMs: () => number = () => 0, threw: (error: unknown) => void = rethrow) {
    this.#clock = clock;
    this.#skewMs = skewMs;
    this.#threw = threw;
  }

  kill(): void {
    this.alive = false;
    for (const ending of this.#endings) ending();
    this.#endings.clear();
  }

  /** Calls `ending` when the process ends; returns a function that takes it back. */
  atEnd(ending: () => void): () => void {
    this.#endings.add(ending);
    return () => void this.#endings.delete(ending);
  }

  now(): number {
    return this.#clock.now() + this.#skewMs();
  }

  elapsed(): number {
    return this.#clock.elapsed();
  }

  after(ms: number, callback: () => void): () => void {
    return this.#clock.after(ms, () => {
      if (!this.alive) return;
      try {
        callback();
      } catch (error) {
        this.#threw(error);
      }
    });
  }
}

function rethrow(error: unknown): never {
  throw error;
}
