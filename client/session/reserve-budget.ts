/**
 * Money that may be locked at several nodes together, beyond what is acknowledged: that of a job which asks one after the other. Each
 * may have half of what the others leave, so that those that lock it and deliver nothing never have all.
 */
export class ReserveBudget {
  /** micro-USD */
  readonly #max: bigint;
  readonly #locked = new Map<string, bigint>();

  constructor(max: bigint) {
    this.#max = max;
  }

  /** micro-USD for `name`, in all */
  left(name: string): bigint {
    let left = this.#max;
    for (const [other, locked] of this.#locked) if (other !== name) left -= locked;
    return left / 2n;
  }

  /** `name` has so much, in all, from now on */
  lock(name: string, amount: bigint): void {
    this.#locked.set(name, amount);
  }
}
