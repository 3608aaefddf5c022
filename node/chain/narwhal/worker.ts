import { blake3 } from "#crypto";
import { consensusError } from "#node/consensus/errors.ts";
import { MAX_MESSAGE_BYTES } from "#protocol/params/limits.ts";
import { decodeBatch } from "#protocol/types/batch-bytes.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { Batch, type BatchRef } from "#protocol/types/consensus.ts";
import type { ChannelMux } from "../channel-mux.ts";
import { assertBatchForm, assertFitsBatch, transactionBytes } from "./batch-form.ts";
import type { BatchStore } from "./batch-store.ts";
import { delay, type EpochDeps, othersFrom } from "./deps.ts";
import { narwhalError } from "./errors.ts";
import type { Tasks } from "./tasks.ts";

/** Requests on the channel "batch". Append only. */
export const BATCH_TAG = { store: 1, fetch: 2 } as const;
/** ms between attempts to hand a batch to a member; the last one repeats */
const RETRY_AFTER_MS = [200, 500, 1000, 2000, 5000] as const;
const REQUEST_TIMEOUT_MS = 2000;
/** bytes of own transactions that may wait */
const MAX_POOL_BYTES = 64 << 20;
/** WRK-QUOTA: bytes of one other member's batches that are stored here and not ordered */
export const MAX_PEER_BYTES: number = 64 << 20;
/** fixed fields, and room for the tag */
const BATCH_OVERHEAD = 64;
const WORKER = 0;

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Narwhal's worker: makes batches of own transactions, stores them here and at a quorum before a header may name
 * them, and takes those of the other members.
 */
export class Worker {
  #deps: EpochDeps;
  #mux: ChannelMux;
  #batches: BatchStore;
  #tasks: Tasks;
  #onAvailable: (ref: BatchRef) => void;
  #onStored: () => void;
  #buffer: Uint8Array[] = [];
  #bufferBytes = 0;
  #waiters: Waiter[] = [];
  #cancelSeal: (() => void) | undefined;
  #lastSequence = 0;
  /** bytes of own transactions that are not ordered */
  #poolBytes = 0;
  #sealing: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    deps: EpochDeps,
    mux: ChannelMux,
    batches: BatchStore,
    tasks: Tasks,
    events: { onAvailable(ref: BatchRef): void; onStored(): void },
  ) {
    this.#deps = deps;
    this.#mux = mux;
    this.#batches = batches;
    this.#tasks = tasks;
    this.#onAvailable = events.onAvailable;
    this.#onStored = events.onStored;
  }

  /** `own`: batches of an earlier process that are not ordered; they go their way again. */
  async start(own: readonly BatchRef[]): Promise<void> {
    for (const ref of own) {
      const bytes = await this.#batches.loadBytes(ref);
      if (!bytes)
        throw narwhalError("ERR_RECORD_MISSING", "an own batch is not in the store", {
          epoch: this.#deps.epoch,
        });
      this.#poolBytes += transactionBytes(decodeBatch(bytes).transactions);
      this.#tasks.run(() => this.#disseminate(ref, bytes));
    }
  }

  /** @throws ERR_POOL_FULL, ERR_TX_TOO_LARGE, ERR_TX_TOO_SMALL, ERR_CONSENSUS_STOPPED */
  async submit(transactions: readonly Uint8Array[]): Promise<void> {
    if (this.#stopped)
      throw narwhalError("ERR_CONSENSUS_STOPPED", "this epoch takes no transactions any more");
    transactions.forEach(assertFitsBatch);
    const bytes = transactionBytes(transactions);
    if (this.#poolBytes + bytes > MAX_POOL_BYTES) {
      throw narwhalError("ERR_POOL_FULL", "too many transactions wait to be ordered", {
        bytes: this.#poolBytes,
      });
    }
    this.#poolBytes += bytes;
    const durable: Promise<void>[] = [];
    let waits = false;
    for (const transaction of transactions) {
      const size = transactionBytes([transaction]);
      if (this.#bufferBytes > 0 && this.#bufferBytes + size > this.#limit()) {
        this.#seal();
        waits = false;
      }
      this.#buffer.push(transaction);
      this.#bufferBytes += size;
      // once per batch, not per transaction
      if (!waits) durable.push(new Promise((resolve, reject) => this.#waiters.push({ resolve, reject })));
      waits = true;
    }
    if (this.#bufferBytes >= this.#limit()) this.#seal();
    else if (this.#bufferBytes > 0 && !this.#cancelSeal) {
      this.#cancelSeal = this.#deps.clock.after(this.#deps.timing.maxBatchDelayMs, () => this.#seal());
    }
    await Promise.all(durable);
  }

  /** What was accepted becomes durable; nothing more is taken. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#seal();
    await this.#sealing;
  }

  /** Room for others. */
  ordered(batches: readonly Batch[]): void {
    for (const batch of batches) {
      if (batch.author === this.#deps.self)
        this.#poolBytes = Math.max(0, this.#poolBytes - transactionBytes(batch.transactions));
    }
  }

  /** WRK-STORE: a member hands us its batch: on disk before the acknowledgement. @throws ERR_DECODE, ERR_EPOCH_FOREIGN, ERR_MESSAGE_SENDER, ERR_BATCH_* */
  async store(from: number, bytes: Uint8Array): Promise<Uint8Array> {
    const batch = decodeBatch(bytes);
    if (batch.epoch !== this.#deps.epoch)
      throw consensusError("ERR_EPOCH_FOREIGN", "a batch of another epoch", { from });
    if (!this.#deps.committee.has(from))
      throw consensusError("ERR_MESSAGE_SENDER", "only members exchange batches", { from });
    if (batch.author !== from) throw narwhalError("ERR_BATCH_AUTHOR", "a batch of someone else", { from });
    assertBatchForm(batch, from);
    const ref = { digest: blake3(bytes), worker: batch.worker };
    if (await this.#batches.isKnown(ref)) return ref.digest;
    const held = this.#batches.heldFrom(from);
    if (held + bytes.length > MAX_PEER_BYTES)
      throw narwhalError("ERR_BATCH_QUOTA", "too much that is not ordered", { from, held });
    await this.#put(ref, bytes, from);
    return ref.digest;
  }

  async #put(ref: BatchRef, bytes: Uint8Array, author: number): Promise<void> {
    try {
      await this.#batches.putPeer(ref, bytes, author);
    } catch (error) {
      this.#deps.fatal(error);
      throw error;
    }
    this.#onStored();
  }

  #limit(): number {
    return Math.min(this.#deps.timing.batchBytes, MAX_MESSAGE_BYTES - BATCH_OVERHEAD);
  }

  /** WRK-SEAL */
  #seal(): void {
    this.#cancelSeal?.();
    this.#cancelSeal = undefined;
    if (this.#buffer.length === 0) return;
    const transactions = this.#buffer;
    const waiters = this.#waiters;
    this.#buffer = [];
    this.#bufferBytes = 0;
    this.#waiters = [];
    const { epoch, self, clock } = this.#deps;
    // from the clock, so that a restart does not repeat one
    const sequence = Math.max(clock.now(), this.#lastSequence + 1);
    this.#lastSequence = sequence;
    const bytes = Batch.serialize({ epoch, author: self, worker: WORKER, sequence, transactions });
    const ref = { digest: blake3(bytes), worker: WORKER };
    this.#sealing = Promise.all([this.#sealing, this.#finish(ref, bytes, sequence, waiters)]).then(
      () => undefined,
    );
  }

  /** WRK-DURABLE */
  async #finish(ref: BatchRef, bytes: Uint8Array, sequence: number, waiters: Waiter[]): Promise<void> {
    try {
      await this.#batches.putOwn(ref, bytes, sequence);
    } catch (error) {
      for (const waiter of waiters) waiter.reject(error);
      this.#deps.fatal(error);
      return;
    }
    for (const waiter of waiters) waiter.resolve();
    this.#tasks.run(() => this.#disseminate(ref, bytes));
  }

  /** WRK-QUORUM: a header may name the batch once a quorum has it on disk. */
  async #disseminate(ref: BatchRef, bytes: Uint8Array): Promise<void> {
    const { committee, self } = this.#deps;
    let power = committee.powerOf(self);
    const state = { done: power >= committee.quorum };
    if (state.done) return this.#onAvailable(ref);
    await new Promise<void>((resolve) => {
      const handing = othersFrom(this.#deps, undefined).map(async (to) => {
        if (!(await this.#hand(to, ref, bytes, state)) || state.done) return;
        power += committee.powerOf(to);
        if (power < committee.quorum) return;
        state.done = true;
        this.#onAvailable(ref);
        resolve();
      });
      void Promise.all(handing).then(() => resolve());
    });
  }

  async #hand(to: number, ref: BatchRef, bytes: Uint8Array, state: { done: boolean }): Promise<boolean> {
    const { signal, clock, rejections } = this.#deps;
    for (let attempt = 0; !state.done && !signal.aborted; attempt++) {
      try {
        const answer = await this.#mux.request(to, BATCH_TAG.store, bytes, {
          timeoutMs: REQUEST_TIMEOUT_MS,
          signal,
        });
        if (equalBytes(answer, ref.digest)) return true;
        rejections.count("ERR_BATCH_ACK", to);
      } catch (error) {
        if (!signal.aborted) rejections.error(error, to);
      }
      if (state.done || signal.aborted) return false;
      await delay(clock, RETRY_AFTER_MS[Math.min(attempt, RETRY_AFTER_MS.length - 1)] ?? 5000, signal);
    }
    return false;
  }
}
