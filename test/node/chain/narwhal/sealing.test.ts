import assert from "node:assert/strict";
import { test } from "node:test";
import { blake3 } from "#crypto";
import { BatchStore } from "#node/chain/narwhal/batch-store.ts";
import { Worker } from "#node/chain/narwhal/worker.ts";
import { MIN_TRANSACTION_BYTES } from "#protocol/params/limits.ts";
import { decode } from "#protocol/types/codec.ts";
import { Batch, type BatchRef } from "#protocol/types/consensus.ts";
import { epochParts } from "#test/node/chain/support/epoch-parts.ts";
import { rulesOf } from "#test/node/consensus/support/dag-builder.ts";

const rules = rulesOf(4);
const START = 1_800_000_000_000;
const REJECTED = "flk_rejected_messages_total";
const transaction = (bytes = MIN_TRANSACTION_BYTES) => new Uint8Array(bytes).fill(bytes % 256);

/** A worker whose batches the peers in `good` acknowledge, and the others with another digest. */
function working(good: ReadonlySet<number>) {
  const handed: { to: number; batch: Batch }[] = [];
  const parts = epochParts(rules, START, async (to, _, message) => {
    handed.push({ to, batch: decode(Batch, message) });
    return good.has(to) ? blake3(message) : new Uint8Array(32);
  });
  const available: BatchRef[] = [];
  const batches = new BatchStore(parts.disk, parts.deps.epoch);
  const worker = new Worker(parts.deps, parts.mux, batches, parts.tasks, {
    onAvailable: (ref) => void available.push(ref),
    onStored: () => {},
  });
  return { ...parts, handed, available, batches, worker };
}

const everyone = new Set([1, 2, 3]);

test("a batch is sealed when it is full, by bytes", async () => {
  const { worker, clock, available, batches, deps } = working(everyone);
  const size = Math.floor(deps.timing.batchBytes / 4);
  void worker.submit(Array.from({ length: 9 }, () => transaction(size)));
  await clock.advance(1);
  assert.equal(available.length, 2, "the third may still get a fourth part");
  await clock.advance(deps.timing.maxBatchDelayMs);
  assert.equal(available.length, 3);
  for (const ref of available) assert.equal((await batches.load(ref))?.transactions.length, 3);
});

test("a batch that is not full is sealed after the delay, counted from its first transaction; none is empty", async () => {
  const { worker, clock, available, handed, deps } = working(everyone);
  const delay = deps.timing.maxBatchDelayMs;
  await clock.advance(5 * delay);
  assert.equal(handed.length, 0);
  void worker.submit([transaction()]);
  await clock.advance(delay - 2);
  void worker.submit([transaction()]);
  assert.equal(available.length, 0);
  await clock.advance(3);
  assert.equal(available.length, 1);
  assert.equal(handed[0]?.batch.transactions.length, 2);
  await clock.advance(5 * delay);
  assert.equal(available.length, 1);
});

test("a header may name a batch once a quorum has acknowledged it, not before", async () => {
  const good = new Set([2]);
  const { worker, clock, available, handed } = working(good);
  const durable = worker.submit([transaction()]);
  await clock.advance(1000);
  await durable;
  assert.equal(available.length, 0, "its own and one other are no quorum of four");
  good.add(3);
  await clock.advance(5000);
  assert.equal(available.length, 1);
  const before = handed.length;
  await clock.advance(10_000);
  assert.equal(handed.length, before, "who has not acknowledged it fetches it from the header on");
});

test("an acknowledgement of other bytes counts for nothing and is counted against its sender", async () => {
  const { worker, clock, available, metrics } = working(new Set());
  void worker.submit([transaction()]);
  await clock.advance(1000);
  assert.equal(available.length, 0);
  assert((metrics.value(REJECTED, { reason: "ERR_BATCH_ACK" }) ?? 0) >= 3);
});
