import assert from "node:assert/strict";
import { reservationLeft } from "#node/transition/reservations.ts";
import type { State } from "#node/transition/state.ts";
import { keyOf } from "#node/transition/values.ts";
import { rollSession } from "#node/transition/views.ts";
import type { Ack } from "#protocol/types/ack.ts";
import { minBigint } from "#protocol/types/bigint.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { toHex } from "#protocol/types/hex.ts";
import { sessionOf } from "./keys.ts";

/** micro-USD that each session of the model may spend in an epoch, and the key that it delegates to within that */
export const LIMIT = 3_000n;
export const PAGE_LIMIT = 1_500n;
/** names of the keys */
export const SESSION = "s";
export const PAGE = "page";
/** that a price is for */
export const UNITS: bigint = 10n ** 9n;

export interface Payment {
  paid: bigint;
  units: bigint;
}

/** The highest units whose cost above that of `before` is within `money`, found by halving. */
export function affordable(price: bigint, before: bigint, wanted: bigint, money: bigint): Payment {
  const cost = (units: bigint): bigint => (price * units) / UNITS - (price * before) / UNITS;
  if (cost(wanted) <= money) return { units: wanted, paid: cost(wanted) };
  let [low, high] = [before, wanted];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (cost(middle) <= money) low = middle;
    else high = middle;
  }
  return { units: low, paid: cost(low) };
}

/** The money at hand for acknowledgements of one transaction: each takes from what the ones before it left. */
export class Purses {
  readonly #state: State;
  /** micro-USD taken in this transaction: out of a reservation, and of what is free */
  readonly #taken = new Map<string, bigint>();

  constructor(state: State) {
    this.#state = state;
  }

  money(ack: Ack): bigint {
    return this.#locked(ack) + this.#free(ack);
  }

  spend(ack: Ack, amount: bigint): void {
    const fromLocked = minBigint(this.#locked(ack), amount);
    const fromFree = amount - fromLocked;
    for (const [key, taken] of [
      [this.#reservation(ack), fromLocked],
      [this.#balance(ack), fromFree],
      [this.#budget(ack), fromFree],
      [this.#pageBudget(ack), fromFree],
    ] as const)
      this.#taken.set(key, (this.#taken.get(key) ?? 0n) + taken);
  }

  #locked(ack: Ack): bigint {
    return reservationLeft(this.#state, ack) - (this.#taken.get(this.#reservation(ack)) ?? 0n);
  }

  #free(ack: Ack): bigint {
    const { epoch } = this.#state;
    const account = this.#state.account(ack.account) ?? assert.fail();
    const { publicKey } = sessionOf(SESSION);
    const record = this.#state.sessions.get(keyOf(ack.account, publicKey)) ?? assert.fail();
    const session = rollSession(record, epoch);
    const used =
      ack.epoch === epoch
        ? session.spent + session.reserved
        : session.spentPrevious + session.reservedPrevious;
    const balance = account.balance - account.reserved - (this.#taken.get(this.#balance(ack)) ?? 0n);
    const left = minBigint(balance, LIMIT - used - (this.#taken.get(this.#budget(ack)) ?? 0n));
    return equalBytes(ack.session, publicKey) ? left : minBigint(left, this.#ofPage(ack));
  }

  /** What is left of the delegated key's own limit. */
  #ofPage(ack: Ack): bigint {
    const record = this.#state.delegate(ack.account, ack.session, ack.epoch);
    const used = record ? record.spent + record.reserved : 0n;
    return PAGE_LIMIT - used - (this.#taken.get(this.#pageBudget(ack)) ?? 0n);
  }

  #reservation(ack: Ack): string {
    return `${this.#pageBudget(ack)}/${ack.node}`;
  }

  /** Of the key alone. */
  #pageBudget(ack: Ack): string {
    return `${this.#budget(ack)}/${toHex(ack.session)}`;
  }

  #balance(ack: Ack): string {
    return toHex(ack.account);
  }

  #budget(ack: Ack): string {
    return `${toHex(ack.account)}/${ack.epoch}`;
  }
}
