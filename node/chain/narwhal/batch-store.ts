import { refKey } from "#node/consensus/own-payload.ts";
import { readU64, TABLE, type Table, tableKey, u64 } from "#node/consensus/records.ts";
import type { Store, Write } from "#node/interface/store.ts";
import { decodeBatch } from "#protocol/types/batch-bytes.ts";
import type { Batch, BatchRef } from "#protocol/types/consensus.ts";
import { RecentBytes } from "./recent-bytes.ts";

/** Of batches that are stored and not ordered: kept in memory for the block that orders them, a second later. */
const RECENT_BYTES = 32 << 20;

/** WRK-KEY. epoch ‖ worker ‖ digest: a header that names the wrong worker names a batch that is not there */
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
  /** those that other members handed over and that are not ordered, and how much that is by member */
  #handed = new Map<string, { author: number; bytes: number }>();
  #held = new Map<number, number>();
  #recent = new RecentBytes(RECENT_BYTES);

  constructor(store: Store, epoch: number) {
    this.#store = store;
    this.#epoch = epoch;
  }

  get uncommitted(): number {
    return this.#own.size;
  }

  /** Bytes of batches that a member handed over and that are not ordered. */
  heldFrom(author: number): number {
    return this.#held.get(author) ?? 0;
  }

  /** Whether the batch is known to be stored and is not ordered; `load` knows all. */
  has(ref: BatchRef): boolean {
    return this.#stored.has(refKey(ref));
  }

  /** Whether the batch need not be handed over (again). */
  async isKnown(ref: BatchRef): Promise<boolean> {
    return this.has(ref) || (await this.orderedBy(ref)) !== undefined;
  }

  async load(ref: BatchRef): Promise<Batch | undefined> {
    const bytes = await this.loadBytes(ref);
    return bytes && decodeBatch(bytes);
  }

  async loadBytes(ref: BatchRef): Promise<Uint8Array | undefined> {
    const bytes =
      this.#recent.get(refKey(ref)) ?? (await this.#store.get("batch", batchKey(this.#epoch, ref)));
    if (bytes) this.#stored.add(refKey(ref));
    return bytes;
  }

  async put(ref: BatchRef, bytes: Uint8Array): Promise<void> {
    if (this.has(ref)) return;
    await this.#store.write([{ namespace: "batch", key: batchKey(this.#epoch, ref), value: bytes }]);
    this.#keep(ref, bytes);
  }

  /** One that its author handed over: it counts as held from now until it is ordered. */
  async putPeer(ref: BatchRef, bytes: Uint8Array, author: number): Promise<void> {
    this.#hold(ref, author, bytes.length);
    const record = new Uint8Array(16);
    record.set(u64(author));
    record.set(u64(bytes.length), 8);
    await this.#store.write([
      { namespace: "batch", key: batchKey(this.#epoch, ref), value: bytes },
      { namespace: "consensus", key: this.#peerKey(ref), value: record },
    ]);
    this.#keep(ref, bytes);
  }

  async putOwn(ref: BatchRef, bytes: Uint8Array, sequence: number): Promise<void> {
    await this.#store.write([
      { namespace: "batch", key: batchKey(this.#epoch, ref), value: bytes },
      { namespace: "consensus", key: this.#ownKey(sequence), value: ownRecord(ref) },
    ]);
    this.#keep(ref, bytes);
    this.#own.set(refKey(ref), sequence);
  }

  /** Own batches that are not ordered, oldest first. */
  async recoverOwn(): Promise<BatchRef[]> {
    const refs: BatchRef[] = [];
    for await (const [key, value] of this.#store.iterate("consensus", this.#all(TABLE.ownBatch))) {
      const ref = { worker: value[0] ?? 0, digest: value.slice(1) };
      this.#own.set(refKey(ref), readU64(key, 9));
      this.#stored.add(refKey(ref));
      refs.push(ref);
    }
    return refs;
  }

  /** What other members handed over in an earlier process. */
  async recoverPeers(): Promise<void> {
    for await (const [key, value] of this.#store.iterate("consensus", this.#all(TABLE.peerBatch))) {
      const ref = { worker: key[9] ?? 0, digest: key.slice(10) };
      // one that came while the block that orders it was written
      if ((await this.orderedBy(ref)) !== undefined) continue;
      this.#hold(ref, readU64(value, 0), readU64(value, 8));
      this.#stored.add(refKey(ref));
    }
  }

  /** Index of the block that ordered the batch. */
  async orderedBy(ref: BatchRef): Promise<number | undefined> {
    const value = await this.#store.get("consensus", this.#orderedKey(ref));
    return value && readU64(value, 0);
  }

  /** Part of the cursor of block `index`, which orders `refs`. */
  orderWrites(refs: readonly BatchRef[], index: number): Write[] {
    return refs.flatMap((ref) => {
      const writes: Write[] = [
        { namespace: "consensus", key: this.#orderedKey(ref), value: u64(index) },
        { namespace: "consensus", key: this.#peerKey(ref), value: null },
      ];
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
      this.#recent.delete(refKey(ref));
      this.#own.delete(refKey(ref));
      const handed = this.#handed.get(refKey(ref));
      if (!handed) continue;
      this.#handed.delete(refKey(ref));
      this.#held.set(handed.author, this.heldFrom(handed.author) - handed.bytes);
    }
  }

  /** It is on disk. */
  #keep(ref: BatchRef, bytes: Uint8Array): void {
    this.#stored.add(refKey(ref));
    this.#recent.put(refKey(ref), bytes);
  }

  #hold(ref: BatchRef, author: number, bytes: number): void {
    if (this.#handed.has(refKey(ref))) return;
    this.#handed.set(refKey(ref), { author, bytes });
    this.#held.set(author, this.heldFrom(author) + bytes);
  }

  #all(table: Table): { gte: Uint8Array; lt: Uint8Array } {
    return { gte: tableKey(table, this.#epoch), lt: tableKey(table, this.#epoch + 1) };
  }

  #peerKey(ref: BatchRef): Uint8Array {
    return tableKey(TABLE.peerBatch, this.#epoch, Uint8Array.of(ref.worker), ref.digest);
  }

  #ownKey(sequence: number): Uint8Array {
    return tableKey(TABLE.ownBatch, this.#epoch, sequence);
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
