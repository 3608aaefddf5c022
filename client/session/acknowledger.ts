import type { Ed25519Signer } from "#crypto";
import { isFlkError } from "#protocol/errors/error.ts";
import { creditSteps } from "#protocol/params/credit.ts";
import {
  type AckResponse,
  type DeliveryEntry,
  MAX_ACK_DELIVERIES,
  type SessionOpened,
} from "#protocol/types/edge-http.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { clientError } from "../errors.ts";
import { freshLane, type LaneIdentity, type LaneState, nextAck, resumeLane } from "./lane-state.ts";
import type { LaneStore } from "./lane-store.ts";
import { NodeRefusal } from "./node-http.ts";

/** An acknowledgement is sent without waiting after a quarter of the window, so that the stream flows. */
const STEPS_PER_WINDOW = 4;
/** ms after which fewer units are acknowledged too: several transfers share one window. It grows with the window, up to the other */
const QUIET_MS = 25;
const MAX_QUIET_MS = 200;
const RETRY_MS = 200;
const MAX_ATTEMPTS = 5;
/** ms that the node and the RPC may disagree about the epoch */
const EPOCH_PATIENCE_MS = 30_000;

/** What an acknowledger needs of its session. */
export interface AckLink {
  post(ack: Hex, deliveries: DeliveryEntry[]): Promise<AckResponse>;
  /** opens the session anew; the acknowledger is told through `resume` */
  reopen(): Promise<void>;
  /** by the RPC's word */
  epoch(): Promise<number>;
  /** by the RPC's word, before anything is signed in another epoch. @throws ERR_PRICE_TOO_HIGH */
  assertPrice(): Promise<void>;
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Signs what was received, one acknowledgement at a time: kept, then sent, then confirmed, then the next (rule D4).
 * At an epoch's turn it goes on in the new epoch's lane with what the node did not take in the old one (rule D6).
 */
export class Acknowledger {
  readonly #networkId: Uint8Array;
  readonly #key: Ed25519Signer;
  readonly #lane: LaneIdentity;
  readonly #laneName: string;
  readonly #store: LaneStore;
  readonly #link: AckLink;
  #state: LaneState = freshLane(0);
  #queue: DeliveryEntry[] = [];
  #queued = 0;
  readonly #firstStep: number;
  #step: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #failure: unknown;
  readonly #failureHandlers = new Set<(error: unknown) => void>();

  constructor(options: {
    networkId: Uint8Array;
    key: Ed25519Signer;
    lane: LaneIdentity;
    laneName: string;
    store: LaneStore;
    link: AckLink;
  }) {
    this.#networkId = options.networkId;
    this.#key = options.key;
    this.#lane = options.lane;
    this.#firstStep = creditSteps(options.lane.commodity).first / STEPS_PER_WINDOW;
    this.#step = this.#firstStep;
    this.#laneName = options.laneName;
    this.#store = options.store;
    this.#link = options.link;
  }

  /** The newest acknowledgement signed: its epoch, deliveries and units so far. */
  get newest(): { epoch: number; count: number; units: bigint } {
    const { epoch, count, units } = this.#state;
    return { epoch, count, units };
  }

  /** Takes up the lane after the session was opened, or opened anew. @throws ERR_LANE_STATE, ERR_PRICE_TOO_HIGH */
  async resume(opened: SessionOpened): Promise<void> {
    const epoch = Math.min(opened.epoch, await this.#link.epoch());
    const stored = await this.#store.load(this.#laneName);
    const before = this.#state;
    if (epoch > before.epoch) await this.#link.assertPrice();
    const state = resumeLane(this.#networkId, this.#lane, epoch, stored, opened.newest);
    const { signed, deliveries } = state;
    if (signed !== undefined && signed !== stored?.signed) {
      await this.#store.save(this.#laneName, { epoch: state.epoch, signed, deliveries });
    }
    this.#state = state;
    if (before.confirmed || this.#state.epoch === before.epoch) return;
    const taken = opened.newest.some((signed) => signed === before.signed);
    // The old lane's last acknowledgement never arrived and its epoch is over: its deliveries go into the new lane.
    if (!taken) this.#requeue(before.deliveries);
  }

  /** True after an acknowledgement failed, until `flush` has tried again. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Calls back with what made an acknowledgement fail: the node will pause. Returns what ends that. */
  onFailure(handler: (error: unknown) => void): () => void {
    this.#failureHandlers.add(handler);
    return () => this.#failureHandlers.delete(handler);
  }

  /** @throws what made the last acknowledgement fail */
  assertHealthy(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Units (bytes, or ms of compute) received of a transfer; acknowledged soon. After a failure they wait for `flush`. */
  add(entry: { transfer: number; hash: Hex; offset: number; units: number }): void {
    if (entry.units === 0) return;
    const last = this.#queue.at(-1);
    const next = {
      transfer: entry.transfer,
      hash: entry.hash,
      offset: String(entry.offset),
      units: String(entry.units),
    };
    if (
      last &&
      last.transfer === entry.transfer &&
      Number(last.offset) + Number(last.units) === entry.offset
    ) {
      last.units = String(Number(last.units) + entry.units);
    } else this.#queue.push(next);
    this.#queued += entry.units;
    if (this.failed) return;
    if (this.#queued >= this.#step) this.#start();
    else this.#startSoon();
  }

  /** Resolves when everything received is acknowledged and confirmed by the node. */
  async flush(): Promise<void> {
    await this.#running;
    this.#failure = undefined;
    do {
      this.#start();
      await this.#running;
      this.assertHealthy();
    } while (this.#queue.length > 0 || !this.#state.confirmed);
  }

  /** As `flush`, but a failure, new or old, is left for the next `flush` to meet. */
  async drain(): Promise<void> {
    if (this.failed || (this.#queue.length === 0 && this.#state.confirmed)) return;
    this.#start();
    await this.#running;
  }

  #startSoon(): void {
    const quiet = Math.min((QUIET_MS * this.#step) / this.#firstStep, MAX_QUIET_MS);
    this.#timer ??= setTimeout(() => this.#start(), quiet);
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running ??= this.#run()
      .catch((error: unknown) => {
        this.#failure = error;
        for (const handler of this.#failureHandlers) handler(error);
      })
      .finally(() => {
        this.#running = undefined;
        if (this.#failure === undefined && this.#queue.length > 0) this.#startSoon();
      });
  }

  async #run(): Promise<void> {
    for (;;) {
      if (!this.#state.confirmed) await this.#deliver();
      else if (this.#queue.length > 0) await this.#sign();
      else return;
    }
  }

  /** Another session that used this lane would sign the same counts: what it kept last must be ours. */
  async #assertSoleUser(): Promise<void> {
    const stored = await this.#store.load(this.#laneName);
    if (!stored || stored.epoch < this.#state.epoch || stored.signed === this.#state.signed) return;
    const message = "another session acknowledges in this lane: give each its own lane number";
    throw clientError("ERR_LANE_STATE", message, { lane: this.#lane.lane });
  }

  async #sign(): Promise<void> {
    await this.#assertSoleUser();
    const deliveries = this.#queue.slice(0, MAX_ACK_DELIVERIES).map((entry) => ({ ...entry }));
    this.#queue = this.#queue.slice(deliveries.length);
    this.#queued = this.#queue.reduce((sum, entry) => sum + Number(entry.units), 0);
    const next = nextAck(this.#networkId, this.#key, this.#lane, this.#state, deliveries);
    try {
      await this.#store.save(this.#laneName, { epoch: next.epoch, signed: next.signed as Hex, deliveries });
    } catch (error) {
      this.#requeue(deliveries);
      throw error;
    }
    this.#state = next;
  }

  async #deliver(): Promise<void> {
    const patience = performance.now() + EPOCH_PATIENCE_MS;
    for (let attempt = 1; !this.#state.confirmed; ) {
      const { signed, deliveries, epoch } = this.#state;
      try {
        const answer = await this.#link.post(signed as Hex, deliveries);
        this.#state.confirmed = true;
        this.#step = Math.max(this.#firstStep, Math.floor(answer.credit.window / STEPS_PER_WINDOW));
        if (answer.epoch > epoch) await this.#turn(answer.epoch);
      } catch (error) {
        if (isFlkError(error, "ERR_ACK_EPOCH")) {
          await this.#changeEpoch(error, patience);
          continue;
        }
        if (attempt >= MAX_ATTEMPTS) throw error;
        if (isFlkError(error, "ERR_SESSION_UNKNOWN")) await this.#link.reopen();
        else if (isTransient(error)) await delay(RETRY_MS * 2 ** (attempt - 1));
        else throw error;
        attempt += 1;
      }
    }
  }

  /**
   * The node refused an epoch. When its own is later and the RPC says so too, what it did not take goes into that
   * epoch's lane; until then, or while it is behind, the same acknowledgement is tried again.
   */
  async #changeEpoch(refusal: unknown, patience: number): Promise<void> {
    const claimed = refusal instanceof NodeRefusal ? Number(refusal.body.epoch) : Number.NaN;
    const { epoch, deliveries } = this.#state;
    if (Number.isNaN(claimed) || claimed === epoch || performance.now() >= patience) throw refusal;
    await this.#turn(claimed);
    if (this.#state.epoch === epoch) await delay(RETRY_MS);
    else this.#requeue(deliveries);
  }

  /** Starts the lane of the epoch that both the node and the RPC have reached, if it is a later one. @throws ERR_PRICE_TOO_HIGH */
  async #turn(claimed: number): Promise<void> {
    const epoch = Math.min(claimed, await this.#link.epoch());
    if (epoch <= this.#state.epoch) return;
    await this.#link.assertPrice();
    this.#state = freshLane(epoch);
  }

  #requeue(deliveries: DeliveryEntry[]): void {
    this.#queue = [...deliveries.map((entry) => ({ ...entry })), ...this.#queue];
    this.#queued = this.#queue.reduce((sum, entry) => sum + Number(entry.units), 0);
  }
}

function isTransient(error: unknown): boolean {
  if (error instanceof NodeRefusal) return error.status >= 500;
  return isFlkError(error, "ERR_NODE_UNREACHABLE") || isFlkError(error, "ERR_RPC_UNREACHABLE");
}

/** @throws ERR_ABORTED */
export function assertNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw clientError("ERR_ABORTED", "the caller gave up");
}
