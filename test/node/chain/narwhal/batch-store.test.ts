import assert from "node:assert/strict";
import { test } from "node:test";
import { BatchStore } from "#node/chain/narwhal/batch-store.ts";
import type { Namespace } from "#node/interface/store.ts";
import { Batch, type BatchRef } from "#protocol/types/consensus.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";

/** Writes down how often batches are read. */
class CountingStore extends MemoryStore {
  reads = 0;

  override get(namespace: Namespace, key: Uint8Array): Promise<Uint8Array | undefined> {
    if (namespace === "batch") this.reads++;
    return super.get(namespace, key);
  }
}

test("a batch that came in any way is read from memory until it is ordered, and from the disk afterwards", async () => {
  const disk = new CountingStore();
  const batches = new BatchStore(disk, 3);
  const value: Batch = { epoch: 3, author: 1, worker: 0, sequence: 5, transactions: [Uint8Array.of(1, 2)] };
  const bytes = Batch.serialize(value);
  const refs: BatchRef[] = [1, 2, 3].map((fill) => ({ worker: 0, digest: new Uint8Array(32).fill(fill) }));
  const [fetched, handed, own] = refs as [BatchRef, BatchRef, BatchRef];
  await batches.put(fetched, bytes);
  await batches.putPeer(handed, bytes, 1);
  await batches.putOwn(own, bytes, 5);
  for (const ref of refs) assert.deepEqual(await batches.load(ref), value);
  assert.equal(disk.reads, 0);
  batches.ordered([fetched, own]);
  for (const ref of refs) assert.deepEqual(await batches.load(ref), value);
  assert.equal(disk.reads, 2);
});
