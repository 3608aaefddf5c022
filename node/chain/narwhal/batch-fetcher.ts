import { blake3 } from "#crypto";
import { refKey } from "#node/consensus/own-payload.ts";
import { decodeBatch } from "#protocol/types/batch-bytes.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import type { Batch, BatchRef } from "#protocol/types/consensus.ts";
import type { ChannelMux } from "../channel-mux.ts";
import { chainError } from "../errors.ts";
import { assertBatchForm } from "./batch-form.ts";
import type { BatchStore } from "./batch-store.ts";
import { delay, type EpochDeps, othersFrom } from "./deps.ts";
import { narwhalError } from "./errors.ts";
import { BATCH_TAG } from "./worker.ts";

const REQUEST_TIMEOUT_MS = 2000;
/** ms until the same peers are asked again: doubles up to the second */
const RETRY_MS = [250, 4000] as const;

/** A batch that is on its way. */
export interface BatchFetch {
  readonly id: string;
  /** undefined when it was given up, or the epoch is stopped */
  readonly batch: Promise<Batch | undefined>;
}

interface Running extends BatchFetch {
  abort: AbortController;
  /** an accepted certificate names it: a quorum vouched for it, and it is never given up */
  lasting: boolean;
  batch: Promise<Batch | undefined>;
}

/** WRK-FETCH: gets batches that others made, from their author first and then from anyone who may have them. */
export class BatchFetcher {
  #deps: EpochDeps;
  #mux: ChannelMux;
  #batches: BatchStore;
  #onStored: () => void;
  #running = new Map<string, Running>();

  constructor(deps: EpochDeps, mux: ChannelMux, batches: BatchStore, onStored: () => void) {
    this.#deps = deps;
    this.#mux = mux;
    this.#batches = batches;
    this.#onStored = onStored;
  }

  get stopped(): boolean {
    return this.#deps.signal.aborted;
  }

  /**
   * A batch of an accepted certificate, from the disk or from a peer, as long as that takes; undefined only when the
   * epoch is stopped.
   */
  get(ref: BatchRef, author: number): Promise<Batch | undefined> {
    const running = this.#start(ref, author);
    running.lasting = true;
    return running.batch;
  }

  /** A batch that nobody has vouched for: until it is here or given up. */
  attempt(ref: BatchRef, author: number): BatchFetch {
    return this.#start(ref, author);
  }

  /** Ends what `attempt` began, unless a certificate needs it by now. */
  giveUp(fetch: BatchFetch): void {
    const running = this.#running.get(fetch.id);
    if (running !== fetch || running.lasting) return;
    this.#running.delete(fetch.id);
    running.abort.abort();
  }

  /** Answers a member; others may be in an epoch that we are not in. @throws ERR_NOT_MEMBER, ERR_BATCH_UNKNOWN */
  async serve(from: number, message: Uint8Array): Promise<Uint8Array> {
    if (!this.#deps.committee.has(from))
      throw chainError("ERR_NOT_MEMBER", "not in the committee of this epoch", { from });
    const bytes = await this.#batches.loadBytes({ worker: message[0] ?? 0, digest: message.slice(1) });
    if (!bytes) throw narwhalError("ERR_BATCH_UNKNOWN", "the batch is not stored here");
    return bytes;
  }

  #start(ref: BatchRef, author: number): Running {
    const id = refKey(ref);
    const known = this.#running.get(id);
    if (known) return known;
    const abort = new AbortController();
    const running: Running = { id, abort, lasting: false, batch: Promise.resolve(undefined) };
    this.#running.set(id, running);
    running.batch = this.#fetch(ref, author, running).finally(() => {
      if (this.#running.get(id) === running) this.#running.delete(id);
    });
    return running;
  }

  async #fetch(ref: BatchRef, author: number, running: Running): Promise<Batch | undefined> {
    const signal = AbortSignal.any([this.#deps.signal, running.abort.signal]);
    const stored = await this.#batches.load(ref);
    if (stored) {
      this.#onStored();
      return stored;
    }
    const peers = othersFrom(this.#deps, author);
    const [first, most] = RETRY_MS;
    let wait: number = first;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const batch = await this.#ask(peers[attempt % peers.length], ref, author, signal);
      if (batch) return batch;
      // what only a pending header names may not exist: one peer at a time, so that it costs its author more than us
      if (!running.lasting || (attempt + 1) % Math.max(1, peers.length) === 0) {
        await delay(this.#deps.clock, wait, signal);
        wait = Math.min(most, 2 * wait);
      }
      const meanwhile = await this.#batches.load(ref);
      if (meanwhile) return meanwhile;
    }
    return undefined;
  }

  async #ask(
    peer: number | undefined,
    ref: BatchRef,
    author: number,
    signal: AbortSignal,
  ): Promise<Batch | undefined> {
    const { rejections, epoch } = this.#deps;
    if (peer === undefined) return undefined;
    const question = new Uint8Array(1 + ref.digest.length);
    question[0] = ref.worker;
    question.set(ref.digest, 1);
    let bytes: Uint8Array;
    let batch: Batch;
    try {
      bytes = await this.#mux.request(peer, BATCH_TAG.fetch, question, {
        timeoutMs: REQUEST_TIMEOUT_MS,
        signal,
      });
      if (!equalBytes(blake3(bytes), ref.digest))
        throw narwhalError("ERR_BATCH_DIGEST", "another batch", { peer });
    } catch (error) {
      if (!signal.aborted) rejections.error(error, peer);
      return undefined;
    }
    try {
      batch = decodeBatch(bytes);
      if (batch.epoch !== epoch || batch.worker !== ref.worker) {
        throw narwhalError("ERR_BATCH_FORM", "a batch of another epoch or worker", { author });
      }
      assertBatchForm(batch, author);
    } catch (error) {
      // the bytes are those that its author named in a signed header: no fault of who passed them on
      rejections.error(error, author);
      return undefined;
    }
    await this.#batches.put(ref, bytes);
    this.#onStored();
    return batch;
  }
}
