import type { Clock } from "#node/interface/clock.ts";

/** Rings once at the time that was set last. Setting the same time again, as most events do, costs nothing. */
export class Alarm {
  #clock: Clock;
  #ring: () => void;
  #at = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** `at`: of the clock's `elapsed`; in 1 ms when that has passed */
  set(at: number): void {
    const now = Math.floor(this.#clock.elapsed());
    const next = Math.max(now + 1, at);
    if (this.#cancel && next === this.#at) return;
    this.cancel();
    this.#at = next;
    this.#cancel = this.#clock.after(next - now, () => {
      this.#cancel = undefined;
      this.#ring();
    });
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
