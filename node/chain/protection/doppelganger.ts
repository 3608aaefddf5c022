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

/** u64 Unix ms of a signature, and the place where it was made */
const STAMP_KEY = Uint8Array.of(0xfd);
const STAMP_EVERY_MS = 1_000;

/** PROT-7 to PROT-10: whether a second copy of us signs, and whether we may. Its `store` is the one to record with. */
export class Doppelganger implements SigningGuard {
  readonly windowMs: number;
  readonly store: Store;
  #inner: Store;
  #clock: Clock;
  #place: Uint8Array | undefined;
  #logger: Logger;
  #index = new SignedIndex();
  #cleared: boolean;
  #onCleared: () => void = () => undefined;
  #stampedAt = 0;

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
      write: (batch) => store.write(this.#noted(batch)),
    };
  }

  get cleared(): boolean {
    return this.#cleared;
  }

  /** Reads the records. `onCleared`: signing may begin, once. */
  async load(onCleared: () => void): Promise<void> {
    this.#onCleared = onCleared;
    await this.#index.load(this.#inner);
    if (this.#cleared || !(await this.#resumes())) return;
    this.#cleared = true;
    this.#logger.info("signing goes on where it was interrupted");
  }

  clear(): void {
    if (this.#cleared) return;
    this.#cleared = true;
    this.#logger.info("listened for our own key and heard nothing: signing begins", {
      windowMs: this.windowMs,
    });
    this.#onCleared();
  }

  isUnrecorded(kind: Kind, epoch: number, slot: bigint, payloadHash: Uint8Array): boolean {
    return this.#index.isUnrecorded(kind, epoch, slot, payloadHash);
  }

  /** For a signature of ours that was verified. @throws ERR_DOPPELGANGER */
  assertRecorded(kind: Kind, epoch: number, slot: bigint, payloadHash: Uint8Array): void {
    if (this.isUnrecorded(kind, epoch, slot, payloadHash)) throw doppelgangerError(kind, epoch, slot);
  }

  #noted(batch: readonly Write[]): readonly Write[] {
    this.#index.note(batch);
    const signs = batch.some(
      ({ namespace, key, value }) => namespace === "protection" && value && kindOf(key),
    );
    const now = this.#clock.now();
    if (!signs || !this.#place || now - this.#stampedAt < STAMP_EVERY_MS) return batch;
    this.#stampedAt = now;
    const value = new Uint8Array(8 + this.#place.length);
    value.set(u64(now));
    value.set(this.#place, 8);
    return [...batch, { namespace: "protection", key: STAMP_KEY, value }];
  }

  /** A copy that started since our last signature is still listening, and hears us go on for half its window. */
  async #resumes(): Promise<boolean> {
    const stamp = await this.#inner.get("protection", STAMP_KEY);
    if (!stamp || !this.#place || !equalBytes(stamp.subarray(8), this.#place)) return false;
    const age = this.#clock.now() - readU64(stamp, 0);
    return age >= 0 && age < this.windowMs / 2;
  }
}

export function doppelgangerError(kind: Kind, epoch: number, slot: bigint): FlkError {
  const message =
    "our consensus key signed what protection/ does not record: another copy of this node runs, or this one is older than what it did";
  return chainError("ERR_DOPPELGANGER", message, { kind, epoch, slot });
}
