import type { Ed25519Signer } from "#crypto";
import { signReserve } from "#protocol/digests/ack.ts";
import { errorCode, type FlkError } from "#protocol/errors/error.ts";
import { type CreditSteps, creditSteps } from "#protocol/params/credit.ts";
import { MIN_RESERVATION } from "#protocol/params/limits.ts";
import { type Reserve, SignedReserve } from "#protocol/types/ack.ts";
import { maxBigint, minBigint } from "#protocol/types/bigint.ts";
import type { Credit } from "#protocol/types/edge-http.ts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import { costAtMost } from "../cost.ts";
import { clientError } from "../errors.ts";
import type { LaneStore, StoredReservation } from "./lane-store.ts";
import type { ReserveBudget } from "./reserve-budget.ts";

/** Locked for one node beyond what is acknowledged, at most, unless the caller says otherwise: micro-USD. */
export const DEFAULT_MAX_RESERVE = 1_000_000n;
/** Reserved at least, in largest steps, because more may follow; for delegated keys in first steps, because many share one limit. */
const STEPS_AHEAD = 4;
/** A reservation of which less than a quarter is left is raised. */
const LOW_WATER = 4n;
/** ms after a reservation that failed, or that there was no money for */
const REST_MS = 1_000;

/** What a reserver needs of its session. */
export interface ReserveLink {
  /** resolves when the chain has locked it */
  post(reserve: Hex): Promise<Credit>;
  /** by the RPC's word */
  chain(): Promise<ChainFunds>;
}

/** micro-USD */
export interface ChainFunds {
  epoch: number;
  /** per 10^9 units */
  price: bigint;
  /** what account and session could still reserve */
  free: bigint;
  /** what the key reserved for the node in the epoch, in all, and what was paid of it */
  reserved: bigint;
  paid: bigint;
}

function required(why: string, cause: unknown): FlkError {
  const message = `the node serves no more without a reservation, and none was made: ${why}`;
  return clientError("ERR_RESERVATION_REQUIRED", message, {}, cause === undefined ? {} : { cause });
}

export interface ReserverOptions {
  networkId: Uint8Array;
  key: Ed25519Signer;
  /** whose, and for whom */
  parties: Pick<Reserve, "account" | "session" | "node">;
  /** in the store */
  name: string;
  /** of what it is for */
  commodity: number;
  store: LaneStore;
  link: ReserveLink;
  /** whether the key is a delegated one */
  delegated: boolean;
  /** micro-USD; 0 never reserves */
  max: bigint;
  /** shared with other nodes */
  budget?: ReserveBudget;
  /** units that this session acknowledged in an epoch */
  acknowledged(epoch: number): bigint;
}

/**
 * Reserves for what is being fetched or run, ahead of need and beside the stream (rule D10). What the node says is only a reason to
 * look: how much is signed follows from what was signed before and from the RPC, and never leaves more than `max` micro-USD
 * locked beyond what was acknowledged. Units are those of the commodity: bytes, or ms of compute.
 */
export class Reserver {
  readonly #o: ReserverOptions;
  readonly #steps: CreditSteps;
  /** What the node serves without a reservation, but for the half that is on its way while the chain locks one. */
  readonly #free: bigint;
  #credit: Credit | undefined;
  /** units that running transfers still have to bring */
  #expected = 0n;
  /** units that came: a node that delivered nothing has earned no larger window, whatever it says */
  #seen = 0;
  /** of the last look at the chain */
  #price: bigint | undefined;
  #running: Promise<void> | undefined;
  #restUntil = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failure: unknown;
  /** reservations made, or found to be enough */
  #made = 0;
  #kept: StoredReservation | undefined;
  #saved: Promise<void> = Promise.resolve();

  constructor(options: ReserverOptions) {
    this.#o = options;
    this.#steps = creditSteps(options.commodity);
    this.#free = BigInt(this.#steps.first / 2);
  }

  /** Why the last reservation was not made; undefined after one that was. */
  get failure(): unknown {
    return this.#failure;
  }

  /** A transfer has begun that brings so many units. */
  expect(units: number): void {
    this.#expected += BigInt(units);
    this.#look();
  }

  /**
   * Waits for the reservation that is under way, or else makes one for so many units, for a node that ended a transfer for want of one:
   * the chain may take longer than a node waits, such as one that has just started. Rejects with what to do when none was made.
   * @throws ERR_RESERVATION_REQUIRED
   */
  async secure(units: number): Promise<void> {
    if (this.#o.max === 0n) throw required("maxReserve is 0", undefined);
    const before = this.#made;
    await this.#running;
    if (this.#made === before) {
      this.#running ??= this.#attempt(BigInt(units));
      await this.#running;
    }
    if (this.#made > before) return;
    const { failure } = this;
    const why = failure === undefined ? "free balance, limit or maxReserve do not reach" : errorCode(failure);
    throw required(why, failure);
  }

  /** So many of the expected units have come, or never will. */
  arrived(units: number): void {
    this.#expected = maxBigint(this.#expected - BigInt(units), 0n);
  }

  /** Reads what was kept. */
  async load(): Promise<void> {
    this.#kept = await this.#o.store.loadReservation(this.#o.name);
  }

  /** Units that the node was ever let serve ahead of acknowledgements. */
  get window(): number {
    const kept = this.#kept?.window ?? 0;
    return Math.min(Math.max(kept, this.#steps.first), this.#steps.max);
  }

  /** Units that may be acknowledged on the node's word alone: one window, and as many as came since (rule D3). */
  get allowance(): number {
    return Math.max(0, this.window - (this.#kept?.unseen ?? 0));
  }

  /** So many are about to be acknowledged on the node's word: kept before that. */
  async claim(units: number): Promise<void> {
    if (units > 0) await this.#keep({ unseen: (this.#kept?.unseen ?? 0) + units });
  }

  /** Expected units that came. They make good what did not; kept with the next write, because to forget it costs the node and not us. */
  received(units: number): void {
    this.arrived(units);
    this.#seen += units;
    const { unseen = 0 } = this.#kept ?? {};
    if (this.#kept && unseen > 0) this.#kept = { ...this.#kept, unseen: Math.max(0, unseen - units) };
  }

  /** What the node last said. A window that grew is kept before more is let come: after a crash so much may be unacknowledged. */
  async update(credit: Credit): Promise<void> {
    this.#credit = credit;
    const window = Math.min(credit.window, this.#steps.first + this.#seen, this.#steps.max);
    if (window > this.window) await this.#keep({ window });
    this.#look();
  }

  #look(): void {
    if (this.#running || this.#o.max === 0n || !this.#isLow(this.#expected)) return;
    const rest = this.#restUntil - performance.now();
    if (rest > 0) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#look();
      }, rest);
      return;
    }
    this.#running = this.#attempt(this.#expected);
  }

  #attempt(expected: bigint): Promise<void> {
    return this.#raise(expected)
      .then((outcome) => this.#done(undefined, outcome !== "unfunded"))
      .catch((error: unknown) => this.#done(error, false));
  }

  #done(failure: unknown, made: boolean): void {
    this.#running = undefined;
    this.#failure = failure;
    if (made) this.#made += 1;
    else this.#restUntil = performance.now() + REST_MS;
    this.#look();
  }

  /** By the node's word and the price last seen: asked at each acknowledgement. */
  #isLow(expected: bigint): boolean {
    if (expected === 0n) return false;
    const spare = BigInt(this.#credit?.spare ?? "0");
    if (this.#price === undefined) return spare < 0n || expected > this.#free;
    const missing = this.#cost(expected) - spare;
    if (spare <= 0n) return missing > this.#cost(this.#free);
    const reserved = minBigint(BigInt(this.#credit?.reserved ?? "0"), this.#o.max);
    return missing > 0n && spare < reserved / LOW_WATER;
  }

  #cost(units: bigint): bigint {
    return costAtMost(this.#price ?? 0n, units);
  }

  /** `expected`: units, when the look began; small contents have come before it ends. */
  async #raise(expected: bigint): Promise<"raised" | "enough" | "unfunded"> {
    const { link, networkId, key, parties, budget, name, delegated } = this.#o;
    const { epoch, price, free, reserved, paid } = await link.chain();
    this.#price = price;
    if (price === 0n || !this.#isLow(expected)) return "enough";
    const signed = this.#kept?.epoch === epoch ? BigInt(this.#kept.amount) : 0n;
    const max = minBigint(this.#o.max, budget?.left(name) ?? this.#o.max);
    const used = maxBigint(paid, this.#cost(this.#o.acknowledged(epoch)));
    const spare = this.#credit?.epoch === epoch ? BigInt(this.#credit.spare) : reserved - used;
    const ahead = BigInt(STEPS_AHEAD * (delegated ? this.#steps.first : this.#steps.max));
    const wanted = maxBigint(this.#cost(expected), this.#cost(ahead)) - spare;
    const by = minBigint(maxBigint(wanted, MIN_RESERVATION), minBigint(free, used + max - reserved));
    // What was signed and is not locked, or not known to be, is sent again before anything is added to it.
    const amount = signed > reserved && signed - reserved <= free ? signed : reserved + by;
    if (amount - reserved < MIN_RESERVATION) return "unfunded";
    budget?.lock(name, amount - used);
    await this.#keep({ epoch, amount: maxBigint(signed, amount).toString() });
    const reserve: Reserve = { ...parties, epoch, amount };
    const credit = await link.post(toHex(SignedReserve.serialize(signReserve(networkId, reserve, key))));
    await this.update(credit);
    return "raised";
  }

  /** One write after the other; in memory at once. */
  #keep(change: Partial<StoredReservation>): Promise<void> {
    const { store, name } = this.#o;
    const kept = { epoch: 0, amount: "0", window: this.#steps.first, ...this.#kept, ...change };
    this.#kept = kept;
    const before = this.#saved.catch(() => undefined);
    this.#saved = before.then(() => store.saveReservation(name, kept));
    return this.#saved;
  }
}
