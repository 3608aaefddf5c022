import type { Clock } from "#node/interface/clock.ts";

interface Timer {
  callback: (() => void) | undefined;
}

/**
 * Virtual time in whole ms. It moves only by `advance`; all timers of one moment share one round in which everything
 * that was started runs until it waits. Moments are kept in a heap, so that a timer costs little however many wait.
 */
export class SimClock implements Clock {
  #now: number;
  #heap: number[] = [];
  #timers = new Map<number, Timer[]>();

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const at = this.#now + Math.max(0, Math.ceil(ms));
    // what never comes need not wait
    if (!Number.isFinite(at)) return () => undefined;
    const timer: Timer = { callback };
    const timers = this.#timers.get(at);
    if (timers) timers.push(timer);
    else {
      this.#timers.set(at, [timer]);
      this.#push(at);
    }
    return () => {
      timer.callback = undefined;
    };
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await turn();
    for (let at = this.#heap[0]; at !== undefined && at <= end; at = this.#heap[0]) {
      this.#pop();
      this.#now = at;
      if (this.#fire(at)) await settle();
    }
    this.#now = end;
  }

  /** Whether anything ran: cancelled timers leave nothing to settle. */
  #fire(at: number): boolean {
    const timers = this.#timers.get(at) ?? [];
    this.#timers.delete(at);
    let ran = false;
    for (const { callback } of timers) {
      ran ||= callback !== undefined;
      callback?.();
    }
    return ran;
  }

  #push(at: number): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(at);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as number;
      if (above <= at) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = at;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as number;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child++;
      if ((heap[child] as number) >= last) break;
      heap[index] = heap[child] as number;
      index = child;
    }
    heap[index] = last;
  }
}

/**
 * Every promise that is ready goes on until it waits: nothing in a simulation waits for anything but this clock. Ticks come
 * when no promise is left, and cost a tenth of a turn of the event loop.
 */
function settle(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** What waits for the event loop goes on, too. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
