import assert from "node:assert/strict";
import { test } from "node:test";
import { keyOf } from "#node/transition/values.ts";
import { ACCOUNT_QUOTA_BYTES, NODE_QUOTA_BYTES } from "#protocol/params/limits.ts";
import { TX } from "#protocol/types/transactions.ts";
import { type Account, accountOf, sessionOf } from "../support/keys.ts";
import { client, FLK, staked, World } from "../support/world.ts";

const MIN = 10_000n;
const poor = accountOf("poor");

function makeWorld(): World {
  return new World({
    parameters: { minBalance: MIN },
    deposits: [
      [client, 1_000_000n],
      [poor, MIN - 1n],
    ],
  });
}

function nonceOf(world: World, account: Account): number {
  return world.state.account(account.address)?.nonce ?? 0;
}

function withdraw(world: World, from: Account, amount = 1n): Uint8Array {
  const body = { account: from.address, nonce: nonceOf(world, from), amount };
  return from.sign(world.network, { kind: TX.withdraw, body });
}

function transfer(world: World, from: Account, to: Account, amount: bigint): Uint8Array {
  const body = { account: from.address, nonce: nonceOf(world, from), to: to.address, amount };
  return from.sign(world.network, { kind: TX.transfer, body });
}

function revoke(world: World, from: Account): Uint8Array {
  const body = { account: from.address, nonce: nonceOf(world, from), key: sessionOf("s").publicKey };
  return from.sign(world.network, { kind: TX.revokeSession, body });
}

test("ERR_MIN_BALANCE: a sender needs the minimum before its transaction, and loses no nonce for the lack of it", () => {
  const world = makeWorld();
  const early = withdraw(world, poor);
  const root = () => world.state.accounts.root();
  const before = root();
  for (const transaction of [early, transfer(world, poor, client, 5n), world.authorize(poor, "s")]) {
    assert.equal(world.run(transaction).code, "ERR_MIN_BALANCE");
  }
  assert.deepEqual(root(), before);
  assert.equal(world.run(transfer(world, client, poor, 1n)).code, "OK");
  assert.equal(world.run(early).code, "OK");
});

test("a session can be revoked without any balance", () => {
  const world = makeWorld();
  assert.equal(world.run(world.authorize(client, "s")).code, "OK");
  assert.equal(world.run(withdraw(world, client, 1_000_000n)).code, "OK");
  assert.equal(world.run(withdraw(world, client)).code, "ERR_MIN_BALANCE");
  assert.equal(world.run(revoke(world, client)).code, "OK");
});

test("ERR_MIN_BALANCE: a transfer must bring a new account the minimum", () => {
  const world = makeWorld();
  const friend = accountOf("friend");
  assert.equal(world.run(transfer(world, client, friend, MIN - 1n)).code, "ERR_MIN_BALANCE");
  assert.equal(world.state.account(friend.address), undefined);
  assert.equal(world.run(transfer(world, client, friend, MIN)).code, "OK");
  assert.equal(world.run(transfer(world, client, friend, 1n)).code, "OK");
  assert.equal(world.balance(friend), MIN + 1n);
});

test("ERR_QUOTA_EXCEEDED: an account's bytes in blocks are bounded in each epoch, rejected ones included", () => {
  const world = makeWorld();
  const used = () => world.state.accounts.get(keyOf(client.address))?.quotaBytes ?? 0;
  const applied = withdraw(world, client);
  assert.equal(world.run(applied).code, "OK");
  const rejected = withdraw(world, client, 1n << 60n);
  assert.equal(world.run(rejected).code, "ERR_INSUFFICIENT_BALANCE");
  assert.equal(used(), applied.length + rejected.length);
  const account = world.state.accounts.get(keyOf(client.address)) ?? assert.fail();
  const size = withdraw(world, client).length;
  world.state.accounts.put({ ...account, quotaBytes: ACCOUNT_QUOTA_BYTES - size });
  assert.equal(world.run(withdraw(world, client)).code, "OK");
  const late = withdraw(world, client);
  assert.equal(world.run(late).code, "ERR_QUOTA_EXCEEDED");
  assert.equal(used(), ACCOUNT_QUOTA_BYTES);
  world.close();
  assert.equal(world.run(late).code, "OK");
  assert.equal(used(), late.length);
});

test("ERR_QUOTA_EXCEEDED: acknowledgements use the node's quota, also when each of them fails", () => {
  const world = makeWorld();
  const make = () => world.submitAcks(1, [world.ack(client, "nobody", { units: 5_000n })]);
  const bytes = make();
  assert.equal(world.run(bytes).code, "OK");
  const node = world.state.nodeTable.get("1") ?? assert.fail();
  assert.equal(node.quotaBytes, bytes.length);
  world.state.nodeTable.put({ ...node, quotaBytes: NODE_QUOTA_BYTES - bytes.length });
  assert.equal(world.run(make()).code, "OK");
  const late = make();
  assert.equal(world.run(late).code, "ERR_QUOTA_EXCEEDED");
  world.close();
  assert.equal(world.run(late).code, "OK");
});

test("what a node handed in counts against its quota once, however often others send it again", () => {
  const world = makeWorld();
  world.run(world.authorize(client, "s", { limit: 500n }));
  const quota = () => world.state.nodeTable.get("1")?.quotaBytes ?? assert.fail();
  const partial = world.submitAcks(1, [world.ack(client, "s", { units: 900_000n })]);
  assert.deepEqual(world.run(partial).acks, ["ACK_PARTIAL_LIMIT"]);
  const poor = world.reserve(client, "s", { amount: 10n ** 12n });
  assert.equal(world.run(poor).code, "ERR_RESERVE_LIMIT");
  const peers: [] = [];
  const report = world.nodeTx({ kind: TX.submitReputation, body: { node: 1, epoch: 0, peers } });
  assert.equal(world.run(report).code, "OK");
  const before = quota();
  assert.equal(before, partial.length + poor.length + report.length);
  for (let i = 0; i < 3; i++) {
    assert.equal(world.run(partial).code, "ERR_BAD_NONCE");
    assert.equal(world.run(poor).code, "ERR_BAD_NONCE");
    assert.equal(world.run(report).code, "ERR_REPORT_REPEATED");
  }
  assert.equal(quota(), before);
  world.close();
  assert.equal(world.run(partial).code, "ERR_BAD_NONCE");
  assert.equal(world.run(report).code, "ERR_REPORT_EPOCH");
  assert.equal(quota(), before, "bytes of the epoch before");
});

test("sequence numbers may come out of order within the window, each once", () => {
  const world = makeWorld();
  const at = (sequence: number, node = 1) => {
    const acks = [world.ack(client, "nobody", { node, units: 5_000n })];
    return world.run(world.nodeTx({ kind: TX.submitAcks, body: { node, sequence, acks, delegations: [] } }))
      .code;
  };
  const order = [0, 5, 3, 5, 0, 4, 300, 45, 44, 45, 299, 3, Number.MAX_SAFE_INTEGER, 300];
  const OK = "OK";
  const BAD = "ERR_BAD_NONCE";
  const expected = [OK, OK, OK, BAD, BAD, OK, OK, OK, BAD, BAD, OK, BAD, OK, BAD];
  assert.deepEqual(
    order.map((sequence) => at(sequence)),
    expected,
  );
  assert.equal(at(3, 2), OK, "each node has its own");
});

test("ERR_NODE_NOT_STAKED for every kind that nodes sign", () => {
  const world = makeWorld();
  world.block({ events: [staked(2, 999n * FLK)] });
  const acks = world.submitAcks(2, [world.ack(client, "s", { node: 2, units: 5_000n })]);
  const out = world.nodeTx({ kind: TX.optOut, body: { node: 2, nonce: 0 } });
  for (const transaction of [acks, out]) assert.equal(world.run(transaction).code, "ERR_NODE_NOT_STAKED");
  assert.equal(world.state.node(2)?.nonce, 0);
  world.block({ events: [staked(2, 1000n * FLK)] });
  assert.equal(world.run(out).code, "OK");
});
