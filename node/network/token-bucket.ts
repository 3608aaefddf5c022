export interface Rate {
  /** tokens that come back in a second */
  perSecond: number;
  /** most that can be saved up */
  burst: number;
}

/** Most that can be owed: what comes back in so many seconds. */
const MAX_DEBT_SECONDS = 30;

/** Pure: every call says what time it is (ms); a clock that is set back gives nothing, and time goes on from there. */
export class TokenBucket {
  #rate: Rate;
  #tokens: number;
  #at: number;

  /** Full at the start. */
  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#at = now;
  }

  /** ms until `amount` is there; more than the burst is asked for as the burst. */
  wait(amount: number, now: number): number {
    this.#refill(now);
    const missing = Math.min(amount, this.#rate.burst) - this.#tokens;
    return missing <= 0 ? 0 : Math.ceil((missing * 1000) / this.#rate.perSecond);
  }

  /** Takes `amount`, into debt if need be. */
  charge(amount: number, now: number): void {
    this.#refill(now);
    this.#tokens = Math.max(this.#tokens - amount, -MAX_DEBT_SECONDS * this.#rate.perSecond);
  }

  #refill(now: number): void {
    const { perSecond, burst } = this.#rate;
    const passed = Math.max(0, now - this.#at);
    this.#at = now;
    this.#tokens = Math.min(burst, this.#tokens + (passed * perSecond) / 1000);
  }
}
