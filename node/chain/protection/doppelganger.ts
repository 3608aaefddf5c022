import { readU64, u64 } from "#node/consensus/records.ts";
import type { Clock } from "#node/interface/clock.ts";
import type { SigningGuard } from "#node/interface/consensus.ts";
import type { Logger } from "#node/interface/logger.ts";
import type { Store, Write } from "#node/interface/store.ts";
import type { Kind } from "#protocol/digests/consensus.ts";
import type { FlkError } from "#protocol/errors/error.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { chainError } from "../errors.ts";
import { kindOf } from "./records.ts";
import { SignedIndex } from "./signed-index.ts";

export interface DoppelgangerOptions {
  /** ms to listen for our own key before anything is signed; 0: not at all */
  windowMs: number;
  /** 32 bytes that name this folder on this machine since it booted; without them every start listens */
  place?: Uint8Array;
}

export interface GuardEvents {
  /** Signing may begin, once: the listening is over. */
  cleared(): void;
  /** Nothing was signed in time: what thought that it may sign has to listen. */
  lapsed(): void;
}

/** u64 Unix ms of a signature, and the place where it was made */
const STAMP_KEY = Uint8Array.of(0xfd);
const STAMP_EVERY_MS = 1_000;
/** Windows to listen to a committee that certifies nothing: it may stand, and then nobody tells what a copy signs, or all of it listens. */
const STANDING_WINDOWS = 4;

/** PROT-7 to PROT-10: whether a second copy of us signs, and whether we may. Its `store` is the one to record with. */
export class Doppelganger implements SigningGuard {
  readonly windowMs: number;
  readonly store: Store;
  #inner: Store;
  #clock: Clock;
  #place: Uint8Array | undefined;
  #logger: Logger;
  #index = new SignedIndex();
  /** for good */
  #cleared: boolean;
  /** Unix ms until which we may sign without having listened; the first signature makes it for good */
  #resumeUntil = 0;
  #halted = false;
  #cancelLapse: () => void = () => undefined;
  #events: GuardEvents = { cleared: () => undefined, lapsed: () => undefined };
  /** of the clock's `elapsed` */
  #stampedAt = Number.NEGATIVE_INFINITY;
  #listenedMs = 0;
  /** the committee was heard to go on */
  #goesOn = false;
  #listenedAt = { unix: 0, elapsed: 0 };

  constructor(store: Store, clock: Clock, logger: Logger, options: DoppelgangerOptions = { windowMs: 0 }) {
    this.#inner = store;
    this.#clock = clock;
    this.#logger = logger;
    this.windowMs = options.windowMs;
    this.#place = options.place;
    this.#cleared = options.windowMs === 0;
    this.store = {
      get: (...args) => store.get(...args),
      iterate: (...args) => store.iterate(...args),
      write: (batch) => this.#write(batch),
    };
  }

  get cleared(): boolean {
    return !this.#halted && (this.#cleared || this.#clock.now() < this.#resumeUntil);
  }

  /** Reads the records. */
  async load(events: GuardEvents): Promise<void> {
    this.#events = events;
    await this.#index.load(this.#inner);
    if (this.#cleared) return;
    this.#resumeUntil = await this.#resumable();
    const left = this.#resumeUntil - this.#clock.now();
    // beside the wall clock, which may be set back meanwhile
    if (left > 0) this.#cancelLapse = this.#clock.after(left, () => this.#lapse());
  }

  stop(): void {
    this.#cancelLapse();
  }

  /** The node has failed: nothing is signed any more. */
  halt(): void {
    this.#halted = true;
    this.stop();
  }

  get remainingMs(): number {
    const windows = this.#goesOn ? 1 : STANDING_WINDOWS;
    return Math.max(0, windows * this.windowMs - this.#listenedMs);
  }

  /** Over all epochs: an epoch that ends takes nothing away. What was heard before a silence of a whole window is too old. */
  listened(ms: number, goesOn: boolean): void {
    const now = { unix: this.#clock.now(), elapsed: this.#clock.elapsed() };
    // a machine that slept may tell it by the time of day only, which may have been set back in the silence
    const silence = Math.max(now.unix - this.#listenedAt.unix, now.elapsed - this.#listenedAt.elapsed);
    if (silence > this.windowMs) {
      this.#listenedMs = 0;
      this.#goesOn = false;
    }
    this.#listenedAt = now;
    this.#listenedMs += ms;
    this.#goesOn ||= goesOn;
  }

  /** A window that is longer than an epoch may never be over. @throws ERR_DOPPELGANGER_WINDOW */
  assertFits(epochMs: number): void {
    if (this.windowMs <= epochMs) return;
    throw chainError(
      "ERR_DOPPELGANGER_WINDOW",
      "a node may not listen for its own key for longer than an epoch lasts: consensus.doppelganger_seconds",
      { windowMs: this.windowMs, epochMs },
    );
  }

  clear(): void {
    if (this.#cleared || this.#halted) return;
    this.#clearForGood("listened for our own key and heard nothing: signing begins");
    this.#events.cleared();
  }

  isUnrecorded(kind: Kind, epoch: number, slot: bigint, payloadHash: Uint8Array): boolean {
    return this.#index.isUnrecorded(kind, epoch, slot, payloadHash);
  }

  /** For a signature of ours that was verified. @throws ERR_DOPPELGANGER */
  assertRecorded(kind: Kind, epoch: number, slot: bigint, payloadHash: Uint8Array): void {
    if (this.isUnrecorded(kind, epoch, slot, payloadHash)) throw doppelgangerError(kind, epoch, slot);
  }

  /** @throws ERR_SIGNING_STOPPED: what it holds must not leave */
  async #write(batch: readonly Write[]): Promise<void> {
    const signs = batch.some(
      ({ namespace, key, value }) => namespace === "protection" && value && kindOf(key),
    );
    if (signs) this.#assertCleared();
    this.#index.note(batch);
    await this.#inner.write(signs ? this.#stamped(batch) : batch);
    if (!signs) return;
    // the disk may have taken so long that a copy has stopped listening
    this.#assertCleared();
    this.#clearForGood("signing goes on where it was interrupted");
  }

  #stamped(batch: readonly Write[]): readonly Write[] {
    const elapsed = this.#clock.elapsed();
    if (!this.#place || elapsed - this.#stampedAt < STAMP_EVERY_MS) return batch;
    this.#stampedAt = elapsed;
    const value = new Uint8Array(8 + this.#place.length);
    value.set(u64(this.#clock.now()));
    value.set(this.#place, 8);
    return [...batch, { namespace: "protection", key: STAMP_KEY, value }];
  }

  #assertCleared(): void {
    if (this.cleared) return;
    throw chainError(
      "ERR_SIGNING_STOPPED",
      "nothing may be signed: the node has failed, or has to listen for its own key",
    );
  }

  #clearForGood(event: string): void {
    if (this.#cleared) return;
    this.#cleared = true;
    this.#cancelLapse();
    this.#logger.info(event, { windowMs: this.windowMs });
  }

  #lapse(): void {
    this.#resumeUntil = 0;
    this.#logger.info("nothing was signed in time after the start: listening for our own key");
    this.#events.lapsed();
  }

  /**
   * A copy that started since our last signature listens for a whole window, and hears us when we go on within half of it; 0 when
   * we do not know when and where it was.
   */
  async #resumable(): Promise<number> {
    const stamp = await this.#inner.get("protection", STAMP_KEY);
    if (!stamp || !this.#place || !equalBytes(stamp.subarray(8), this.#place)) return 0;
    const at = readU64(stamp, 0);
    return at <= this.#clock.now() ? at + this.windowMs / 2 : 0;
  }
}

export function doppelgangerError(kind: Kind, epoch: number, slot: bigint): FlkError {
  const message =
    "our consensus key signed what protection/ does not record: another copy of this node runs, or this one is older than what it did";
  return chainError("ERR_DOPPELGANGER", message, { kind, epoch, slot });
}
