/** Lets those who bring more wait while too much is held; what is held already goes on. */
export class Room {
  #limit: number;
  #held = 0;
  #waiting: (() => void)[] = [];
  #open = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get held(): number {
    return this.#held;
  }

  take(count: number): void {
    this.#held += count;
  }

  free(count: number): void {
    this.#held -= count;
    if (this.#held < this.#limit) this.#release();
  }

  /** Nobody waits any more: what comes now is dropped elsewhere. */
  open(): void {
    this.#open = true;
    this.#release();
  }

  /** Resolves once there is room; undefined when there is. */
  wait(): Promise<void> | undefined {
    if (this.#open || this.#held < this.#limit) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
