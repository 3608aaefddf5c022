import { refKey } from "#node/consensus/own-payload.ts";
import { readU64, TABLE, tableKey, u64 } from "#node/consensus/records.ts";
import type { Store, Write } from "#node/interface/store.ts";
import { decode } from "#protocol/types/codec.ts";
import { Batch, type BatchRef } from "#protocol/types/consensus.ts";

/** epoch ‖ worker ‖ digest: a header that names the wrong worker names a batch that is not there */
function batchKey(epoch: number, ref: BatchRef): Uint8Array {
  const out = new Uint8Array(9 + ref.digest.length);
  out.set(u64(epoch));
  out[8] = ref.worker;
  out.set(ref.digest, 9);
  return out;
}

/** Batches of one epoch on disk, and which of them are there. */
export class BatchStore {
  #store: Store;
  #epoch: number;
  #stored = new Set<string>();
  /** sequence by batch, of own batches that are not ordered */
  #own = new Map<string, number>();

  constructor(store: Store, epoch: number) {
    this.#store = store;
    this.#epoch = epoch;
  }

  get uncommitted(): number {
    return this.#own.size;
  }

  /** Whether the batch was stored in this process and is not ordered; `load` knows all. */
  has(ref: BatchRef): boolean {
    return this.#stored.has(refKey(ref));
  }

  async load(ref: BatchRef): Promise<Batch | undefined> {
    const bytes = await this.loadBytes(ref);
    return bytes && decode(Batch, bytes);
  }

  async loadBytes(ref: BatchRef): Promise<Uint8Array | undefined> {
    const bytes = await this.#store.get("batch", batchKey(this.#epoch, ref));
    if (bytes) this.#stored.add(refKey(ref));
    return bytes;
  }

  async put(ref: BatchRef, bytes: Uint8Array): Promise<void> {
    if (this.has(ref)) return;
    await this.#store.write([{ namespace: "batch", key: batchKey(this.#epoch, ref), value: bytes }]);
    this.#stored.add(refKey(ref));
  }

  async putOwn(ref: BatchRef, bytes: Uint8Array, sequence: number): Promise<void> {
    await this.#store.write([
      { namespace: "batch", key: batchKey(this.#epoch, ref), value: bytes },
      { namespace: "consensus", key: this.#ownKey(sequence), value: ownRecord(ref) },
    ]);
    this.#stored.add(refKey(ref));
    this.#own.set(refKey(ref), sequence);
  }

  /** Own batches that are not ordered, oldest first. */
  async recoverOwn(): Promise<BatchRef[]> {
    const range = {
      gte: tableKey(TABLE.ownBatch, this.#epoch),
      lt: tableKey(TABLE.ownBatch, this.#epoch + 1),
    };
    const refs: BatchRef[] = [];
    for await (const [key, value] of this.#store.iterate("consensus", range)) {
      const ref = { worker: value[0] ?? 0, digest: value.slice(1) };
      this.#own.set(refKey(ref), readU64(key, 9));
      this.#stored.add(refKey(ref));
      refs.push(ref);
    }
    return refs;
  }

  /** Index of the block that ordered the batch. */
  async orderedBy(ref: BatchRef): Promise<number | undefined> {
    const value = await this.#store.get("consensus", this.#orderedKey(ref));
    return value && readU64(value, 0);
  }

  /** Part of the cursor of block `index`, which orders `refs`. */
  orderWrites(refs: readonly BatchRef[], index: number): Write[] {
    return refs.flatMap((ref) => {
      const writes: Write[] = [{ namespace: "consensus", key: this.#orderedKey(ref), value: u64(index) }];
      const sequence = this.#own.get(refKey(ref));
      if (sequence !== undefined)
        writes.push({ namespace: "consensus", key: this.#ownKey(sequence), value: null });
      return writes;
    });
  }

  /** After the block that orders `refs` is on disk. */
  ordered(refs: readonly BatchRef[]): void {
    for (const ref of refs) {
      this.#stored.delete(refKey(ref));
      this.#own.delete(refKey(ref));
    }
  }

  #ownKey(sequence: number): Uint8Array {
    return tableKey(TABLE.ownBatch, this.#epoch, u64(sequence));
  }

  #orderedKey(ref: BatchRef): Uint8Array {
    return tableKey(TABLE.committedBatch, this.#epoch, Uint8Array.of(ref.worker), ref.digest);
  }
}

function ownRecord(ref: BatchRef): Uint8Array {
  const out = new Uint8Array(1 + ref.digest.length);
  out[0] = ref.worker;
  out.set(ref.digest, 1);
  return out;
}
