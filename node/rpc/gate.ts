import { rpcError } from "./errors.ts";

/** At most `active` at once; up to `waiting` more wait for their turn, in order. */
export class Gate {
  readonly #active: number;
  readonly #waiting: number;
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(limits: { active: number; waiting: number }) {
    this.#active = limits.active;
    this.#waiting = limits.waiting;
  }

  /** Resolves when it is one's turn; call `leave` then, once. @throws ERR_RPC_BUSY */
  async enter(): Promise<void> {
    if (this.#running < this.#active) {
      this.#running += 1;
      return;
    }
    if (this.#queue.length >= this.#waiting) {
      throw rpcError("ERR_RPC_BUSY", "too many requests at once: try again later");
    }
    await new Promise<void>((resolve) => this.#queue.push(resolve));
  }

  leave(): void {
    const next = this.#queue.shift();
    if (next) next();
    else this.#running -= 1;
  }
}
