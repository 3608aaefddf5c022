import assert from "node:assert/strict";
import { test } from "node:test";
import type { TransactionReceipt } from "#node/chain/import/block-store.ts";
import { Pool } from "#node/chain/pool/pool.ts";
import { MAX_PER_ACCOUNT, MAX_POOL_BYTES, MAX_POOL_TRANSACTIONS, PoolRoom } from "#node/chain/pool/room.ts";
import { ForwardRequest, ForwardResponse } from "#node/chain/sync/wire.ts";
import { ackStatus, receiptStatus } from "#protocol/errors/codes.ts";
import { FlkError, isFlkError } from "#protocol/errors/error.ts";
import { MAX_TRANSACTION_BYTES } from "#protocol/params/limits.ts";
import { TX } from "#protocol/types/transactions.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";
import { silentLogger } from "#test/node/support/recording.ts";
import type { Account } from "#test/node/transition/support/keys.ts";
import { accountOf, sessionOf } from "#test/node/transition/support/keys.ts";
import { client, treasury } from "#test/node/transition/support/world.ts";
import { TestNet, TestNode } from "./support/net.ts";

function transfer(net: TestNet, nonce: number, amount = 1n, from: Account = client): Uint8Array {
  const body = { account: from.address, nonce, to: treasury.address, amount };
  return from.sign(net.world.network, { kind: TX.transfer, body });
}

function treasuryBalance(node: TestNode): bigint {
  return node.chain.account(treasury.address)?.balance ?? 0n;
}

test("a transaction of a follower's client commits through f+1 members, and its receipt is found by id", async () => {
  const net = new TestNet();
  await net.startAll();
  const follower = net.node(5);
  const id = await follower.chain.submit(transfer(net, 0, 3n));
  assert.equal(await follower.chain.receipt(id), undefined);
  await net.clock.advance(3_000);
  for (const node of net.nodes.values()) {
    assert.equal(treasuryBalance(node), 3n);
    const receipt = await node.chain.receipt(id);
    assert.equal(receipt?.status, 0);
    assert.ok(receipt && (await node.chain.block(receipt.height)));
  }
  await net.stop();
});

test("ERR_TX_MALFORMED, ERR_TX_TOO_LARGE, ERR_BAD_SIGNATURE: refused at once and not kept", async () => {
  const net = new TestNet();
  await net.startAll();
  const good = transfer(net, 0);
  const badSignature = good.with(good.length - 10, (good[good.length - 10] ?? 0) ^ 1);
  const unknownNode = net.world.nodeTx({ kind: TX.optOut, body: { node: 77, nonce: 0 } }, sessionOf("x"));
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(0), "ERR_TX_MALFORMED"],
    [good.subarray(0, 20), "ERR_TX_MALFORMED"],
    [new Uint8Array(2 * MAX_TRANSACTION_BYTES), "ERR_TX_TOO_LARGE"],
    [badSignature, "ERR_BAD_SIGNATURE"],
    [unknownNode, "ERR_UNKNOWN_NODE"],
  ];
  for (const [bytes, code] of cases) {
    for (const node of [1, 5]) {
      await assert.rejects(net.node(node).chain.submit(bytes), (error) => isFlkError(error, code), code);
    }
  }
  for await (const _ of net.node(5).store.iterate("pool")) assert.fail("something was kept");
  await net.stop();
});

test("members judge what is forwarded to them by the same checks, one answer for each", async () => {
  const net = new TestNet();
  await net.startAll();
  const good = transfer(net, 0);
  const bad = good.with(good.length - 10, (good[good.length - 10] ?? 0) ^ 1);
  const asked = net.node(5).network.request(1, "tx", ForwardRequest.serialize([bad, good, Uint8Array.of(1)]));
  const garbage = net.node(5).network.request(1, "tx", Uint8Array.of(9, 9));
  const toFollower = net.node(1).network.request(5, "tx", ForwardRequest.serialize([good]));
  const refused = Promise.all([assert.rejects(garbage), assert.rejects(toFollower)]);
  await net.clock.advance(50);
  await refused;
  const expected = [receiptStatus("ERR_BAD_SIGNATURE"), 0, receiptStatus("ERR_TX_MALFORMED")];
  assert.deepEqual([...ForwardResponse.deserialize(await asked)], expected);
  const { metrics } = net.node(1);
  assert.equal(metrics.value("flk_rejected_messages_total", { reason: "ERR_BAD_SIGNATURE" }), 1);
  assert.equal(metrics.value("flk_rejected_messages_total", { reason: "ERR_DECODE" }), 1);
  await net.clock.advance(2_000);
  assert.equal(treasuryBalance(net.node(3)), 1n);
  await net.stop();
});

test("submitting again is the same transaction, before and after it commits", async () => {
  const net = new TestNet();
  await net.startAll();
  const bytes = transfer(net, 0, 4n);
  const ids = await Promise.all([1, 1, 2, 5, 5].map((node) => net.node(node).chain.submit(bytes)));
  await net.clock.advance(3_000);
  ids.push(await net.node(5).chain.submit(bytes));
  await net.clock.advance(3_000);
  assert.equal(new Set(ids.map(String)).size, 1);
  for (const node of net.nodes.values()) assert.equal(treasuryBalance(node), 4n);
  assert.equal((await net.node(4).chain.receipt(ids[0] ?? assert.fail()))?.status, 0);
  await net.stop();
});

test("what was accepted survives a crash of a follower that could reach nobody", async () => {
  const net = new TestNet();
  await net.startAll();
  await net.clock.advance(1_000);
  net.hub.leave(5);
  const id = await net.node(5).chain.submit(transfer(net, 0, 6n));
  const disk = await net.crash(5);
  const follower = await net.start(5, disk);
  await net.clock.advance(4_000);
  assert.equal((await follower.chain.receipt(id))?.status, 0);
  assert.equal(treasuryBalance(follower), 6n);
  await net.stop();
});

test("what members accepted and did not order goes to the next committee", async () => {
  const other = accountOf("other client");
  const net = new TestNet({
    deposits: [
      [client, 10n],
      [other, 10n],
    ],
  });
  await net.startAll();
  net.order.poolFull = true;
  const ids = [
    await net.node(1).chain.submit(transfer(net, 0)),
    await net.node(5).chain.submit(transfer(net, 0, 1n, other)),
  ];
  await net.clock.advance(5_000);
  assert.equal(treasuryBalance(net.node(1)), 0n);
  await net.until("closed", () => [...net.nodes.values()].some((node) => node.chain.head().epoch === 1));
  net.order.poolFull = false;
  await net.clock.advance(8_000);
  for (const id of ids) assert.equal((await net.node(2).chain.receipt(id))?.status, 0);
  await net.stop();
});

test("a committed transaction leaves the pool, and one that no block can apply any more is dropped", async () => {
  const net = new TestNet();
  await net.startAll();
  net.hub.leave(5);
  const lone = net.node(5);
  await lone.chain.submit(transfer(net, 0, 2n));
  await net.node(1).chain.submit(transfer(net, 0, 9n));
  await net.clock.advance(2_000);
  assert.equal(treasuryBalance(net.node(1)), 9n);
  const disk = await net.crash(5);
  await net.start(5, disk);
  await net.clock.advance(4_000);
  for (const node of net.nodes.values()) {
    assert.equal(treasuryBalance(node), 9n);
    for await (const _ of node.store.iterate("pool")) assert.fail(`node ${node.nodeId} kept it`);
  }
  await net.stop();
});

test("transactions of one sender keep their order on the way through members", async () => {
  const net = new TestNet();
  await net.startAll();
  const ids: Uint8Array[] = [];
  for (let nonce = 0; nonce < 20; nonce++) {
    ids.push(await net.node(5).chain.submit(transfer(net, nonce)));
    if (nonce % 4 === 0) await net.clock.advance(150);
  }
  await net.clock.advance(5_000);
  const statuses = await Promise.all(ids.map(async (id) => (await net.node(5).chain.receipt(id))?.status));
  assert.deepEqual(statuses, Array(20).fill(0));
  await net.stop();
});

const full = (error: unknown) => isFlkError(error, "ERR_POOL_FULL");

/** Of node 3, without a committee. */
function poolOf(net: TestNet, receipt?: TransactionReceipt): Pool {
  return new Pool({
    ...{ self: 3, store: new MemoryStore(), logger: silentLogger, state: () => net.world.state },
    committed: async () => receipt,
    wake: () => undefined,
  });
}

async function codes(results: ReturnType<Pool["submitAll"]>): Promise<string[]> {
  return (await results).map((result) => ("refused" in result ? result.refused.code : "OK"));
}

test("what used up its sequence number is ordered no more, whatever came of it; what did not, is", async () => {
  const net = new TestNet();
  const acks = net.world.submitAcks(1, [net.world.ack(client, "session", { units: 1n })]);
  const reserve = net.world.reserve(client, "session", { amount: 1_000n });
  for (const [bytes, code, ack, ordered] of [
    [acks, "OK", "ACK_PARTIAL_BALANCE", 0],
    [acks, "OK", "OK", 0],
    [acks, "ERR_QUOTA_EXCEEDED", undefined, 1],
    [acks, "ERR_NODE_NOT_STAKED", undefined, 1],
    [reserve, "ERR_INSUFFICIENT_BALANCE", undefined, 0],
    [reserve, "OK", undefined, 0],
  ] as const) {
    const receipt = { height: 0, status: receiptStatus(code), ackStatus: ack ? [ackStatus(ack)] : [] };
    const pool = poolOf(net, receipt);
    await pool.submit(bytes);
    assert.equal(pool.size, ordered, code);
  }
});

test("ERR_POOL_FULL: one node's flood leaves room for others", async () => {
  const flooder = accountOf("flooder");
  const net = new TestNet({ deposits: [[flooder, 10n]] });
  const pool = poolOf(net);
  const limit = MAX_POOL_BYTES / 4;
  const acks = Array.from({ length: 1_000 }, (_, lane) =>
    net.world.ack(client, "session", { lane, units: 1n }),
  );
  const big = (node: number, epoch: number) => {
    const [first, ...rest] = acks;
    if (!first) assert.fail();
    return net.world.submitAcks(node, [{ ...first, ack: { ...first.ack, epoch } }, ...rest]);
  };
  const size = big(1, 0).length;
  const fits = Math.floor(limit / size);
  for (let i = 0; i < fits; i++) assert.deepEqual(await codes(pool.submitAll([big(1, i)], 9)), ["OK"]);
  assert.deepEqual(await codes(pool.submitAll([big(1, fits)], 9)), ["ERR_POOL_FULL"]);
  assert.deepEqual(await codes(pool.submitAll([transfer(net, 0, 1n, flooder)], 8)), ["OK"]);
  await pool.submit(big(1, fits));
  assert.equal(pool.size, fits + 2);
});

test("ERR_POOL_FULL: one account's transactions leave room for others, whoever brings them", async () => {
  const other = accountOf("other client");
  const deposits: [Account, bigint][] = [
    [client, 1_000n],
    [other, 10n],
  ];
  const net = new TestNet({ deposits });
  const pool = poolOf(net);
  for (let nonce = 0; nonce < MAX_PER_ACCOUNT; nonce++) await pool.submit(transfer(net, nonce));
  await assert.rejects(pool.submit(transfer(net, 0, 2n)), full);
  assert.deepEqual(await codes(pool.submitAll([transfer(net, 1, 2n)], 8)), ["ERR_POOL_FULL"]);
  await pool.submit(transfer(net, 0, 1n, other));
  assert.equal(pool.size, MAX_PER_ACCOUNT + 1);
});

test("clients that fill the pool leave room for what the node itself has earned", () => {
  const { world } = new TestNet();
  const room = new PoolRoom(3);
  const of = (index: number) => {
    const address = new Uint8Array(20);
    new DataView(address.buffer).setUint32(0, index);
    return { kind: TX.transfer, body: { account: address, nonce: 0, to: treasury.address, amount: 1n } };
  };
  const acks = (node: number) => ({
    kind: TX.submitAcks,
    body: {
      node,
      sequence: 1,
      acks: [world.ack(client, "session", { lane: 0, units: 1n })],
      delegations: [],
    },
  });
  let taken = 0;
  assert.throws(() => {
    for (; taken < MAX_POOL_TRANSACTIONS; taken++) {
      room.assert(of(taken), 200, undefined);
      room.take(of(taken), 200, undefined);
    }
  }, full);
  assert.throws(() => room.assert(acks(1), 400, undefined), full);
  assert.throws(() => room.assert(acks(1), 400, 1), full);
  const reserved = MAX_POOL_TRANSACTIONS - taken;
  assert.ok(reserved >= 2_000);
  for (let i = 0; i < reserved; i++) {
    room.assert(acks(3), 400, undefined);
    room.take(acks(3), 400, undefined);
  }
  assert.throws(() => room.assert(acks(3), 400, undefined), full);
  room.free(acks(3), 400, undefined);
  room.assert(acks(3), 400, undefined);
});

test("a thousand forwarded transactions are answered within one request's time, and ordered", async () => {
  const senders = Array.from({ length: 20 }, (_, i) => accountOf(`sender ${i}`));
  const net = new TestNet({ deposits: senders.map((account) => [account, 1_000n]), narwhal: true });
  const starting = net.startAll();
  await net.clock.advance(1_000);
  await starting;
  const transactions = Array.from({ length: 1_000 }, (_, i) => {
    const sender = senders[Math.floor(i / 50)] ?? assert.fail();
    return transfer(net, i % 50, 1n, sender);
  });
  const asked = net.node(5).network.request(1, "tx", ForwardRequest.serialize(transactions));
  let answers: number[] | undefined;
  void asked.then((bytes) => {
    answers = [...ForwardResponse.deserialize(bytes)];
  });
  await net.clock.advance(4_900);
  assert.deepEqual(answers, Array(1_000).fill(0));
  await net.until("all ordered", () => treasuryBalance(net.node(2)) === 1_000n);
  await net.stop();
});

test("a transaction that comes twice at once is taken once, and no answer is before the disk", async () => {
  const net = new TestNet();
  let disk: (() => void) | undefined;
  const store = new MemoryStore();
  const write = store.write.bind(store);
  store.write = async (batch) => {
    await new Promise<void>((resolve) => {
      disk = resolve;
    });
    await write(batch);
  };
  const pool = new Pool({
    ...{ self: 3, store, logger: silentLogger, state: () => net.world.state },
    committed: async () => undefined,
    wake: () => undefined,
  });
  const bytes = transfer(net, 0);
  let answered = 0;
  const asked = [pool.submitAll([bytes, bytes], 1), pool.submitAll([bytes], 2), pool.submit(bytes)];
  for (const one of asked) void one.then(() => answered++);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(answered, 0);
  disk?.();
  await Promise.all(asked);
  assert.equal(pool.size, 1);
});

test("a disk that fails costs the answers, and nothing is kept", async () => {
  const net = new TestNet();
  const store = new MemoryStore();
  store.write = async () => {
    throw new FlkError("ERR_STORE", "the disk is gone");
  };
  const pool = new Pool({
    ...{ self: 3, store, logger: silentLogger, state: () => net.world.state },
    committed: async () => undefined,
    wake: () => undefined,
  });
  const failed = (error: unknown) => isFlkError(error, "ERR_STORE");
  await assert.rejects(pool.submitAll([transfer(net, 0), transfer(net, 1)], 1), failed);
  await assert.rejects(pool.submit(transfer(net, 0)), failed);
  assert.equal(pool.size, 0);
});

test("a chain that has not started says so to whoever asks or brings a transaction", async () => {
  const net = new TestNet();
  const { chain } = new TestNode(net, 1, new MemoryStore());
  assert.throws(() => chain.head(), { code: "ERR_NOT_STARTED" });
  await assert.rejects(chain.submit(transfer(net, 0)), { code: "ERR_NOT_STARTED" });
});
