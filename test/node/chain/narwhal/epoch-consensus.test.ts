import assert from "node:assert/strict";
import { test } from "node:test";
import { blake3 } from "#crypto";
import { pruneEpoch, recover } from "#node/chain/narwhal/recovery.ts";
import { BATCH_TAG } from "#node/chain/narwhal/worker.ts";
import { certificateKey, protectionKey, u64 } from "#node/consensus/records.ts";
import { TAG } from "#node/consensus/wire.ts";
import { KIND } from "#protocol/digests/consensus.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { MIN_TRANSACTION_BYTES } from "#protocol/params/limits.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { Batch } from "#protocol/types/consensus.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";
import { Simulation } from "#test/simulation/support/simulation.ts";

const coded = (code: string) => (error: unknown) => isFlkError(error, code);
const REJECTED = "flk_rejected_messages_total";

async function runningFour(seed = 1) {
  const simulation = new Simulation({ seed, size: 4 });
  await simulation.start();
  await simulation.run(500);
  const [node, peer] = simulation.nodes;
  assert(node?.consensus && peer?.consensus);
  return { simulation, node, peer, consensus: node.consensus };
}

test("the header that is on disk is the one that leaves, and leaves again after a crash, byte for byte", async () => {
  const { simulation, node } = await runningFour();
  const kept: Uint8Array[] = [];
  simulation.nodes.slice(1).forEach((other) => {
    other.crash();
  });
  await simulation.run(2000);
  node.crash();
  const proposed = { gte: protectionKey(KIND.header, 7, 0n), lt: protectionKey(KIND.header, 8, 0n) };
  for await (const [, value] of node.disk.iterate("protection", proposed)) kept.push(value.slice(32));
  assert.equal(kept.length, 1);
  const left: Uint8Array[] = [];
  const observed = simulation.signs.observe.bind(simulation.signs);
  simulation.signs.observe = (from, channel, message) => {
    if (from === node.id && message[0] === TAG.header && channel === "consensus") left.push(message.slice(1));
    observed(from, channel, message);
  };
  await simulation.start([node]);
  await simulation.run(3000);
  assert(left.length > 0);
  for (const bytes of left) assert(equalBytes(bytes, kept[0] as Uint8Array));
  await simulation.check();
});

test("messages of another epoch are dropped and counted; bytes that do not parse are counted against the peer", async () => {
  const { simulation, node, peer } = await runningFour();
  const network = simulation.hub.at(peer.id);
  simulation.signs.observe = () => {};
  const foreign = Uint8Array.of(TAG.vote, ...u64le(99), ...new Uint8Array(8 + 4 + 32 + 4 + 96));
  network?.send(node.id, "consensus", foreign);
  for (const bytes of [
    [TAG.header],
    [TAG.certificate, 1, 2, 3],
    [0x3f],
    [TAG.vote, ...new Uint8Array(3000)],
  ]) {
    network?.send(node.id, "consensus", Uint8Array.from(bytes));
  }
  await simulation.run(100);
  assert.equal(node.metrics.value(REJECTED, { reason: "ERR_EPOCH_FOREIGN" }), 1);
  assert.equal(node.metrics.value(REJECTED, { reason: "ERR_DECODE" }), 3);
  assert.equal(node.metrics.value(REJECTED, { reason: "ERR_MESSAGE_UNKNOWN" }), 1);
  assert.deepEqual([...simulation.hub.refusals].sort(), [
    ["ERR_DECODE", 3],
    ["ERR_MESSAGE_UNKNOWN", 1],
  ]);
  await simulation.check();
});

function u64le(value: number): Uint8Array {
  return u64(value).reverse();
}

test("a batch is stored only from its author, of this epoch, and with transactions", async () => {
  const { simulation, node, peer } = await runningFour();
  const network = simulation.hub.at(peer.id);
  const batch = {
    epoch: 7,
    author: peer.id,
    worker: 0,
    sequence: 1,
    transactions: [new Uint8Array(MIN_TRANSACTION_BYTES)],
  };
  const ask = async (changes: Partial<Batch>, tag: number = BATCH_TAG.store) => {
    const bytes = Uint8Array.of(tag, ...Batch.serialize({ ...batch, ...changes }));
    const answer = network?.request(node.id, "batch", bytes, { timeoutMs: 500 });
    const settled = Promise.allSettled([answer]);
    await simulation.run(200);
    const [result] = await settled;
    return result.status === "fulfilled" ? result.value : undefined;
  };
  assert.equal(await ask({ author: node.id }), undefined);
  assert.equal(await ask({ epoch: 6 }), undefined);
  assert.equal(await ask({ transactions: [] }), undefined);
  assert.equal(await ask({ worker: 1 }), undefined);
  const stored = await ask({});
  assert.deepEqual(stored, blake3(Batch.serialize(batch)));
  const codes = ["ERR_BATCH_AUTHOR", "ERR_BATCH_FORM", "ERR_EPOCH_FOREIGN"];
  assert.deepEqual([...simulation.hub.refusals.keys()].sort(), codes);
});

test("a transaction that cannot be in a batch is refused, and so is one too many", async () => {
  const { consensus } = await runningFour();
  await assert.rejects(consensus.submit([new Uint8Array()]), coded("ERR_TX_TOO_SMALL"));
  await assert.rejects(consensus.submit([new Uint8Array(300_000)]), coded("ERR_TX_TOO_LARGE"));
  const large = Array.from({ length: 260 }, () => new Uint8Array(262_000));
  await assert.rejects(consensus.submit(large), coded("ERR_POOL_FULL"));
});

test("a batch without a quorum is in no header; it is ordered when the quorum is back", async () => {
  const { simulation, node } = await runningFour();
  const cut = new Set(simulation.nodes.slice(1).map(({ id }) => id));
  simulation.hub.weather = { ...simulation.hub.weather, cut };
  simulation.submit(node);
  await simulation.run(3000);
  assert.equal(simulation.accepted.size, 1);
  assert.equal((await node.consensus?.pending())?.length, 1);
  simulation.hub.weather = { ...simulation.hub.weather, cut: new Set() };
  await simulation.run(8000);
  const { ordered } = await simulation.check();
  assert.deepEqual(
    [...simulation.accepted].filter((transaction) => !ordered.has(transaction)),
    [],
  );
  assert.equal((await node.consensus?.pending())?.length, 0);
});

test("stop keeps what was accepted, takes nothing more, and can be called twice", async () => {
  const { simulation, node, consensus } = await runningFour();
  simulation.submit(node);
  const stopped = Promise.all([consensus.stop(), consensus.stop()]);
  await simulation.run(5000);
  await stopped;
  assert.equal(simulation.accepted.size, 1);
  assert.equal((await consensus.pending()).length, 1);
  await assert.rejects(consensus.submit([Uint8Array.of(1)]), coded("ERR_CONSENSUS_STOPPED"));
});

test("a disk that fails stops the node before anything leaves that is not on it", async () => {
  const { simulation, node } = await runningFour();
  const failure = new Error("disk full");
  node.disk.write = async () => {
    throw failure;
  };
  await simulation.run(2000);
  assert.deepEqual(node.fatal, [failure]);
  const sent = simulation.signs.headers;
  for (const other of simulation.nodes.slice(1)) other.crash();
  await simulation.run(2000);
  assert.equal(simulation.signs.headers, sent);
});

test("records of epochs before the last one are pruned, and those epochs are never signed in again", async () => {
  const store = new MemoryStore();
  for (const epoch of [3, 4, 5]) {
    await store.write([
      { namespace: "consensus", key: certificateKey(epoch, 1, 1), value: Uint8Array.of(1) },
      { namespace: "protection", key: protectionKey(KIND.vote, epoch, 9n), value: new Uint8Array(40) },
      { namespace: "protection", key: protectionKey(KIND.settlement, epoch, 0n), value: new Uint8Array(40) },
    ]);
  }
  await pruneEpoch(store, 5);
  assert.equal(await store.get("consensus", certificateKey(3, 1, 1)), undefined);
  assert(await store.get("consensus", certificateKey(4, 1, 1)));
  assert.equal(await store.get("protection", protectionKey(KIND.vote, 3, 9n)), undefined);
  assert(await store.get("protection", protectionKey(KIND.vote, 4, 9n)));
  assert.equal(await store.get("protection", protectionKey(KIND.settlement, 3, 0n)), undefined);
  assert(await store.get("protection", protectionKey(KIND.settlement, 4, 0n)));
  await assert.rejects(recover(store, 3, 50), coded("ERR_EPOCH_PRUNED"));
});
