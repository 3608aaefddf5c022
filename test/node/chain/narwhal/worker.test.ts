import assert from "node:assert/strict";
import { test } from "node:test";
import { blake3 } from "#crypto";
import { type ChannelMux, tagged } from "#node/chain/channel-mux.ts";
import { BatchFetcher } from "#node/chain/narwhal/batch-fetcher.ts";
import { MAX_TRANSACTIONS, transactionBytes } from "#node/chain/narwhal/batch-form.ts";
import { BatchStore } from "#node/chain/narwhal/batch-store.ts";
import type { EpochDeps } from "#node/chain/narwhal/deps.ts";
import { BATCH_TAG, MAX_PEER_BYTES } from "#node/chain/narwhal/worker.ts";
import { Rejections } from "#node/chain/support/reporter.ts";
import { CommitteeView } from "#node/consensus/committee.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { MAX_BATCH_BYTES, MIN_TRANSACTION_BYTES } from "#protocol/params/limits.ts";
import { Batch } from "#protocol/types/consensus.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";
import { RecordingMetrics, silentLogger } from "#test/node/support/recording.ts";
import { Simulation, simCommittee } from "#test/simulation/support/simulation.ts";

const EPOCH = 7;

function batchOf(author: number, sequence: number, ...transactions: Uint8Array[]): Uint8Array {
  return Batch.serialize({ epoch: EPOCH, author, worker: 0, sequence, transactions });
}

const small = new Uint8Array(MIN_TRANSACTION_BYTES - 1);
const smallest = new Uint8Array(MIN_TRANSACTION_BYTES);
const largest = (fill: number) => [new Uint8Array(262_000).fill(fill), new Uint8Array(262_000).fill(fill)];

async function pair() {
  const simulation = new Simulation({ seed: 1, size: 4 });
  simulation.signs.observe = () => {};
  await simulation.start();
  await simulation.run(500);
  const [node, peer] = simulation.nodes;
  assert(node?.consensus && peer?.consensus);
  const hand = async (...batches: Uint8Array[]) => {
    const asked = batches.map((bytes) =>
      simulation.hub
        .at(peer.id)
        ?.request(node.id, "batch", tagged(BATCH_TAG.store, bytes), { timeoutMs: 900 })
        .catch(() => undefined),
    );
    const answers = Promise.all(asked);
    await simulation.run(1000);
    return answers;
  };
  return { simulation, node, peer, consensus: node.consensus, hand };
}

test("a batch with a transaction that no block can apply is neither stored nor acknowledged", async () => {
  const { simulation, node, peer, hand } = await pair();
  const bad = [batchOf(peer.id, 1, smallest, small), batchOf(peer.id, 2, Uint8Array.of(1))];
  const good = batchOf(peer.id, 3, smallest);
  assert.deepEqual(await hand(...bad, good), [undefined, undefined, blake3(good)]);
  assert.deepEqual([...simulation.hub.refusals], [["ERR_BATCH_FORM", 2]]);
  const stored = [];
  for await (const [, value] of node.disk.iterate("batch")) stored.push(value);
  assert.deepEqual(stored, [good]);
});

test("own transactions that no batch may hold are refused at once", async () => {
  const { consensus } = await pair();
  const coded = (error: unknown) => isFlkError(error, "ERR_TX_TOO_SMALL");
  await assert.rejects(consensus.submit([smallest, small]), coded);
  await assert.rejects(consensus.submit([new Uint8Array()]), coded);
});

test("the bound on transactions follows from the bytes of a batch and of the smallest transaction", () => {
  assert.equal(MAX_TRANSACTIONS, Math.floor(MAX_BATCH_BYTES / (MIN_TRANSACTION_BYTES + 4)));
  const batch = { epoch: 1, author: 1, worker: 0, sequence: 1, transactions: [smallest, smallest] };
  assert.equal(transactionBytes(batch.transactions), 2 * (MIN_TRANSACTION_BYTES + 4));
});

test("one member's batches that are not ordered stay under the quota, after a restart too", async () => {
  const { simulation, node, peer, hand } = await pair();
  const count = Math.floor(MAX_PEER_BYTES / batchOf(peer.id, 1, ...largest(1)).length);
  assert.equal(MAX_PEER_BYTES, 64 << 20);
  const fills = Array.from({ length: count }, (_, at) => batchOf(peer.id, at, ...largest(at % 256)));
  const answers = await hand(...fills);
  assert(answers.every((answer) => answer !== undefined));
  assert.deepEqual(await hand(batchOf(peer.id, count, ...largest(9))), [undefined]);
  assert.deepEqual([...simulation.hub.refusals], [["ERR_BATCH_QUOTA", 1]]);
  const [known] = fills;
  assert(known);
  assert.deepEqual(await hand(known), [blake3(known)], "one that is stored is acknowledged again");

  node.crash();
  await simulation.start([node]);
  await simulation.run(500);
  assert.deepEqual(await hand(known), [blake3(known)]);
  assert.deepEqual(await hand(batchOf(peer.id, count, ...largest(9))), [undefined]);
  assert.equal(simulation.hub.refusals.get("ERR_BATCH_QUOTA"), 2);
});

test("what is ordered leaves the quota, and its records with it", async () => {
  const disk = new MemoryStore();
  const batches = new BatchStore(disk, EPOCH);
  const made = [1, 2, 3].map((sequence) => batchOf(4, sequence, smallest));
  const refs = made.map((bytes) => ({ worker: 0, digest: blake3(bytes) }));
  for (const [at, ref] of refs.entries()) await batches.putPeer(ref, made[at] as Uint8Array, 4);
  const size = made[0]?.length ?? 0;
  assert.equal(batches.heldFrom(4), 3 * size);
  await disk.write(batches.orderWrites(refs.slice(0, 2), 0));
  batches.ordered(refs.slice(0, 2));
  assert.equal(batches.heldFrom(4), size);
  const again = new BatchStore(disk, EPOCH);
  await again.recoverPeers();
  assert.equal(again.heldFrom(4), size);
  // its author hands it again, because it has missed our acknowledgement
  const [late] = refs;
  assert(late);
  assert(await again.isKnown(late));
});

/** What a member has after it asked for a batch and got `bytes`. */
async function fetched(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  const aborted = new AbortController();
  const deps = {
    epoch: EPOCH,
    self: 1,
    committee: new CommitteeView(new Uint8Array(32), simCommittee(4, EPOCH), new Uint8Array(32)),
    rejections: new Rejections(new RecordingMetrics(), silentLogger),
    signal: aborted.signal,
  } as EpochDeps;
  const request = async () => {
    aborted.abort();
    return bytes;
  };
  const batches = new BatchStore(new MemoryStore(), EPOCH);
  const fetcher = new BatchFetcher(deps, { request } as unknown as ChannelMux, batches, () => {});
  const ref = { worker: 0, digest: blake3(bytes) };
  await fetcher.get(ref, 4);
  return batches.loadBytes(ref);
}

test("a batch of a bad form that a header names is not stored when it is fetched either", async () => {
  const good = batchOf(4, 1, smallest);
  assert.deepEqual(await fetched(good), good);
  assert.equal(await fetched(batchOf(4, 1, smallest, small)), undefined);
});
