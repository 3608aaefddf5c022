import type { Clock } from "#node/interface/clock.ts";

interface Timer {
  at: number;
  order: number;
  callback: () => void;
}

/** Time moves only by `advance`; between two moments everything that was started runs until it waits. */
export class VirtualClock implements Clock {
  #now: number;
  /** of the time of day, ahead of time that passes */
  #steps = 0;
  #order = 0;
  #timers = new Set<Timer>();

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now + this.#steps;
  }

  elapsed(): number {
    return this.#now;
  }

  /** Sets the time of day forward or back, as NTP does: no time passes. */
  step(ms: number): void {
    this.#steps += ms;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + ms, order: this.#order++, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const next = this.#next();
      if (!next || next.at > end) break;
      this.#now = next.at;
      this.#timers.delete(next);
      next.callback();
      // timers of the same moment share one round of settling
      if (this.#next()?.at !== next.at) await settle();
    }
    this.#now = end;
  }

  #next(): Timer | undefined {
    let best: Timer | undefined;
    for (const timer of this.#timers) {
      if (!best || timer.at < best.at || (timer.at === best.at && timer.order < best.order)) best = timer;
    }
    return best;
  }
}

/** Lets every promise that is ready go on: nothing in these tests waits for anything but promises and this clock. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}
