import { errorCode } from "#protocol/errors/error.ts";
import { now } from "../support/usage.ts";

/** ms between handfuls of transactions */
const STEP_MS = 5;

/** A client of one member that submits at a steady rate and does not wait for what it submitted. */
export class Load {
  /** ms (as `now`) by sequence number, NaN for what was refused */
  submitted: number[] = [];
  refused = 0;
  #make: (sequence: number) => Uint8Array;
  #submit: (transactions: Uint8Array[]) => Promise<void>;
  #onFailure: (error: unknown) => void;
  #rate = 0;
  #since = 0;
  #sent = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    make: (sequence: number) => Uint8Array,
    submit: (transactions: Uint8Array[]) => Promise<void>,
    onFailure: (error: unknown) => void,
  ) {
    this.#make = make;
    this.#submit = submit;
    this.#onFailure = onFailure;
  }

  /** Transactions a second; 0 ends it. */
  set(rate: number): void {
    clearInterval(this.#timer);
    this.#rate = rate;
    this.#since = now();
    this.#sent = 0;
    if (rate > 0) this.#timer = setInterval(() => this.#step(), STEP_MS);
  }

  #step(): void {
    const owed = Math.floor(((now() - this.#since) * this.#rate) / 1000) - this.#sent;
    if (owed <= 0) return;
    this.#sent += owed;
    const first = this.submitted.length;
    const at = now();
    const transactions = Array.from({ length: owed }, (_, i) => {
      this.submitted.push(at);
      return this.#make(first + i);
    });
    this.#submit(transactions).catch((error) => {
      if (errorCode(error) !== "ERR_POOL_FULL") return this.#onFailure(error);
      this.refused += owed;
      this.submitted.fill(Number.NaN, first, first + owed);
    });
  }
}
