import { blake3 } from "#crypto";
import { refKey } from "#node/consensus/own-payload.ts";
import { decode, equalBytes } from "#protocol/types/codec.ts";
import { Batch, type BatchRef } from "#protocol/types/consensus.ts";
import type { ChannelMux } from "../channel-mux.ts";
import { assertBatchForm } from "./batch-form.ts";
import type { BatchStore } from "./batch-store.ts";
import { delay, type EpochDeps, othersFrom } from "./deps.ts";
import { narwhalError } from "./errors.ts";
import { BATCH_TAG } from "./worker.ts";

const REQUEST_TIMEOUT_MS = 2000;
const ROUND_DELAY_MS = 250;

/** Gets batches that others made, from their author first and then from anyone who may have them. */
export class BatchFetcher {
  #deps: EpochDeps;
  #mux: ChannelMux;
  #batches: BatchStore;
  #onStored: () => void;
  #running = new Map<string, Promise<Batch | undefined>>();

  constructor(deps: EpochDeps, mux: ChannelMux, batches: BatchStore, onStored: () => void) {
    this.#deps = deps;
    this.#mux = mux;
    this.#batches = batches;
    this.#onStored = onStored;
  }

  /** The batch, from the disk or from a peer, as long as that takes; undefined only when the epoch is stopped. */
  get(ref: BatchRef, author: number): Promise<Batch | undefined> {
    const id = refKey(ref);
    const known = this.#running.get(id);
    if (known) return known;
    const running = this.#fetch(ref, author).finally(() => this.#running.delete(id));
    this.#running.set(id, running);
    return running;
  }

  /** Answers a peer. @throws ERR_BATCH_UNKNOWN */
  async serve(message: Uint8Array): Promise<Uint8Array> {
    const bytes = await this.#batches.loadBytes({ worker: message[0] ?? 0, digest: message.slice(1) });
    if (!bytes) throw narwhalError("ERR_BATCH_UNKNOWN", "the batch is not stored here");
    return bytes;
  }

  async #fetch(ref: BatchRef, author: number): Promise<Batch | undefined> {
    const { signal, clock } = this.#deps;
    const stored = await this.#batches.load(ref);
    if (stored) {
      this.#onStored();
      return stored;
    }
    const peers = othersFrom(this.#deps, author);
    for (let attempt = 0; !signal.aborted; attempt++) {
      const batch = await this.#ask(peers[attempt % peers.length], ref);
      if (batch) return batch;
      if ((attempt + 1) % Math.max(1, peers.length) === 0) await delay(clock, ROUND_DELAY_MS, signal);
      const meanwhile = await this.#batches.load(ref);
      if (meanwhile) return meanwhile;
    }
    return undefined;
  }

  async #ask(peer: number | undefined, ref: BatchRef): Promise<Batch | undefined> {
    const { signal, rejections, epoch } = this.#deps;
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
      batch = decode(Batch, bytes);
      if (batch.epoch !== epoch || batch.worker !== ref.worker) {
        throw narwhalError("ERR_BATCH_FORM", "a batch of another epoch or worker", { peer });
      }
      assertBatchForm(batch, peer);
    } catch (error) {
      if (!signal.aborted) rejections.error(error, peer);
      return undefined;
    }
    await this.#batches.put(ref, bytes);
    this.#onStored();
    return batch;
  }
}
