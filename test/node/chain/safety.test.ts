import assert from "node:assert/strict";
import { test } from "node:test";
import { signAttestation } from "#node/chain/attestation/sign.ts";
import { createChain } from "#node/chain/chain.ts";
import { signSettlement } from "#node/chain/settlement/share.ts";
import { MESSAGE_TAG, SYNC_TAG } from "#node/chain/sync/wire.ts";
import { AccountRecord } from "#node/transition/records.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { errorCode, isFlkError } from "#protocol/errors/error.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";
import { seedOf } from "#test/node/transition/support/keys.ts";
import { World } from "#test/node/transition/support/world.ts";
import { mockSigner } from "./support/mock-crypto.ts";
import { TestNet } from "./support/net.ts";

test("ERR_DOUBLE_SIGN: a member that signed another result for a block stops before it signs again", async () => {
  const net = new TestNet();
  await net.startAll([1, 3, 4]);
  const store = new MemoryStore();
  const signer = mockSigner(net.world.node(2).consensus.publicKey);
  const data = { epoch: 0, index: 3, previous: seedOf("a"), blockRoot: seedOf("b"), stateRoot: seedOf("c") };
  const signed = await signAttestation(store, net.world.network.networkId, signer, 2, data);
  await store.write(signed?.writes ?? assert.fail());
  const node = await net.start(2, store);
  await net.clock.advance(5_000);
  assert.deepEqual(node.fatal.map(errorCode), ["ERR_DOUBLE_SIGN"]);
  assert.equal(node.chain.head().blocks, 3);
  await net.stop();
});

test("what was signed before is sent again byte for byte; another payload is refused", async () => {
  const world = new World();
  const { settlement } = world.close();
  const { networkId } = world.network;
  const store = new MemoryStore();
  const signer = mockSigner(world.node(1).consensus.publicKey);
  const first = await signSettlement(store, networkId, signer, 1, settlement);
  await store.write(first?.writes ?? assert.fail());
  const noSigner = { publicKey: signer.publicKey, sign: () => assert.fail("signed again") };
  const again = await signSettlement(store, networkId, noSigner, 1, settlement);
  assert.deepEqual(again?.share, first?.share);
  assert.deepEqual(again?.writes, []);
  const other = { ...settlement, stateRoot: seedOf("other") };
  await assert.rejects(signSettlement(store, networkId, signer, 1, other), (error) =>
    isFlkError(error, "ERR_DOUBLE_SIGN"),
  );
});

test("the record of an attestation is in the batch of its block: no block without it, none before it", async () => {
  const net = new TestNet();
  const [node] = await net.startAll();
  const store = node?.store ?? assert.fail();
  const write = store.inner.write.bind(store.inner);
  let seen = 0;
  store.inner.write = async (batch) => {
    const attested = batch.some(({ namespace, key }) => namespace === "protection" && key[0] === 3);
    const block = batch.some(({ namespace, key }) => namespace === "block" && key[0] === "b".charCodeAt(0));
    assert.equal(attested, block);
    if (block) {
      for (const table of ["state", "consensus"])
        assert.ok(
          batch.some(({ namespace }) => namespace === table),
          table,
        );
      seen++;
    }
    await write(batch);
  };
  await net.clock.advance(5_000);
  assert.ok(seen > 5);
  await net.stop();
});

test("ERR_WRONG_NETWORK: a database of another deployment is refused", async () => {
  const net = new TestNet();
  await net.startAll();
  await net.clock.advance(2_000);
  const disk = await net.crash(5);
  const node = net.node(1);
  const chain = createChain({
    ...{
      self: 5,
      store: disk,
      clock: net.clock,
      l2: node.reader,
      logger: node.logger,
      metrics: node.metrics,
    },
    context: networkContext(1, "0x00000000000000000000000000000000000000f2"),
    signers: [mockSigner(net.world.node(5).consensus.publicKey)],
    verifier: { verify: () => false, verifyAggregate: () => false, aggregate: () => new Uint8Array(96) },
    network: net.hub.join(5),
    timing: { minHeaderDelayMs: 1, maxHeaderDelayMs: 1, maxBatchDelayMs: 1, batchBytes: 1, gcDepth: 50 },
    posterStepMs: 1,
    createConsensus: net.order.create,
    onFatal: assert.fail,
  });
  await assert.rejects(chain.start(), (error) => isFlkError(error, "ERR_WRONG_NETWORK"));
  await net.stop();
});

test("ERR_STATE_RECORDS: a state record that changed on disk is found at the start", async () => {
  const net = new TestNet();
  await net.startAll();
  await net.clock.advance(2_000);
  const disk = await net.crash(5);
  for await (const [key, value] of disk.iterate("state")) {
    if (value.length !== AccountRecord.fixedSize) continue;
    const changed = value.with(20, (value[20] ?? 0) ^ 1);
    await disk.write([{ namespace: "state", key, value: changed }]);
    assert.ok(!equalBytes(changed, value));
    break;
  }
  const node = await net.start(5, disk);
  assert.deepEqual(node.fatal.map(errorCode), ["ERR_STATE_RECORDS"]);
  net.nodes.delete(5);
  await net.stop();
});

test("stop ends every timer and is idempotent", async () => {
  const net = new TestNet();
  const [node] = await net.startAll();
  await net.clock.advance(2_000);
  const stopping = Promise.all([node?.chain.stop(), node?.chain.stop()]);
  await net.clock.advance(1_000);
  await stopping;
  const writes = node?.store.count;
  await net.clock.advance(20_000);
  assert.equal(node?.store.count, writes);
  assert.deepEqual(node?.fatal, []);
  await net.stop();
});

test("hostile messages are counted by reason and disturb nothing", async () => {
  const net = new TestNet();
  await net.startAll();
  const { network } = net.node(5);
  network.send(1, "consensus", Uint8Array.of(MESSAGE_TAG.attestation, 1, 2, 3));
  network.send(1, "consensus", Uint8Array.of(MESSAGE_TAG.settlementShare));
  network.send(1, "consensus", Uint8Array.of(MESSAGE_TAG.head, 255));
  network.send(1, "consensus", Uint8Array.of(0xee));
  network.send(1, "consensus", new Uint8Array(0));
  const requests = [SYNC_TAG.head, SYNC_TAG.blocks, SYNC_TAG.settlement, 0x7f].map((tag) =>
    assert.rejects(network.request(1, "sync", Uint8Array.of(tag === SYNC_TAG.head ? 0x7e : tag, 9))),
  );
  await net.clock.advance(100);
  await Promise.all(requests);
  const { metrics } = net.node(1);
  assert.equal(metrics.value("flk_rejected_messages_total", { reason: "ERR_DECODE" }), 7);
  assert.equal(metrics.value("flk_rejected_messages_total", { reason: "unknown_tag" }), 1);
  await net.epochs(1);
  for (const node of net.nodes.values()) assert.deepEqual(node.fatal, []);
  await net.stop();
});

test("a handler that throws is logged; blocks still come in order, and once, to the others", async () => {
  const net = new TestNet();
  const nodes = await net.startAll();
  const heights = new Map(nodes.map((node) => [node.nodeId, [] as number[]]));
  const epochs: number[] = [];
  for (const { nodeId, chain } of nodes) {
    chain.onBlock(() => assert.fail("a faulty subscriber"));
    chain.onEpoch(() => assert.fail("a faulty subscriber"));
    chain.onBlock(({ block }) => heights.get(nodeId)?.push(block.input.epoch * 1_000 + block.input.index));
  }
  net.node(5).chain.onEpoch((epoch) => epochs.push(epoch));
  await net.epochs(2);
  await net.stop();
  for (const seen of heights.values()) {
    assert.ok(seen.length > 20);
    assert.deepEqual(
      seen,
      [...new Set(seen)].sort((a, b) => a - b),
    );
  }
  assert.deepEqual(epochs.slice(0, 2), [0, 1]);
  for (const node of nodes) assert.deepEqual(node.fatal, []);
});
