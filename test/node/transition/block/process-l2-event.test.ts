import assert from "node:assert/strict";
import { test } from "node:test";
import { isFlkError } from "#protocol/errors/error.ts";
import { CHANGE } from "#protocol/types/block.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import { accountOf, nodeKeys } from "../support/keys.ts";
import { client, EPOCH_MS, FLK, registered, staked, World } from "../support/world.ts";

const deposit = (total: bigint): L2Event => ({ type: "deposit", account: client.address, amount: 1n, total });

test("a deposit credits what its total is above the deposits seen: repeated and old ones credit nothing", () => {
  const world = new World();
  const { block } = world.block({ events: [deposit(1_000_005n), deposit(1_000_005n), deposit(1_000_001n)] });
  assert.deepEqual(block.l2Changes, [
    { account: client.address, reason: CHANGE.deposit, delta: 5n, balance: 1_000_005n },
  ]);
  assert.equal(world.state.account(client.address)?.depositsSeen, 1_000_005n);
});

test("deposits beyond what a u64 holds are left unseen instead of stopping the chain", () => {
  const world = new World();
  world.block({ events: [deposit(1n << 80n)] });
  assert.equal(world.balance(client), (1n << 64n) - 1n);
  assert.equal(world.state.account(client.address)?.depositsSeen, (1n << 64n) - 1n);
  const other = accountOf("other").address;
  const { block } = world.block({ events: [{ type: "deposit", account: other, amount: 1n, total: 1n }] });
  assert.deepEqual(block.l2Changes, []);
});

test("a node is registered, staked and moved by events", () => {
  const world = new World();
  const keys = nodeKeys(7);
  world.block({
    events: [
      registered(keys),
      staked(7, 1500n * FLK, 3n),
      { type: "endpointsSet", nodeId: 7, endpoints: "/dns4/node/tcp/1,http://node" },
    ],
  });
  assert.deepEqual(world.state.node(7), {
    nodeId: 7,
    owner: keys.owner,
    consensusKey: keys.consensus.publicKey,
    keyVersion: 0,
    networkKey: keys.network.publicKey,
    endpoints: "/dns4/node/tcp/1,http://node",
    stake: 1500n * FLK,
    thawing: 3n,
    optedIn: true,
    reputation: 50,
    nonce: 0,
    sequence: 0,
    revenue: 0n,
  });
  assert.deepEqual(
    world.state.nodes().map((node) => node.nodeId),
    [1, 2, 3, 4, 5, 6, 7],
  );
});

test("a new key version keeps the stake and acts from the next draw", () => {
  const world = new World({ nodes: 4 });
  const next = { ...world.node(1), consensus: nodeKeys(77).consensus };
  world.block({ events: [registered(next, 1)] });
  assert.equal(world.state.node(1)?.stake, 1000n * FLK);
  assert.equal(world.state.committee().members[0]?.keyVersion, 0);
  const member = world.close().nextCommittee.members.find(({ nodeId }) => nodeId === 1);
  assert.equal(member?.keyVersion, 1);
  assert.deepEqual(member?.consensusKey, next.consensus.publicKey);
});

test("a rotated consensus key acts from the next draw, a network key at once", () => {
  const world = new World({ nodes: 4 });
  const next = nodeKeys(78).consensus.publicKey;
  const networkKey = new Uint8Array(32).fill(78);
  world.block({
    events: [
      { type: "keyRotated", nodeId: 2, keyVersion: 1, consensusKey: next },
      { type: "networkKeyRotated", nodeId: 2, networkKey },
    ],
  });
  assert.deepEqual(world.state.node(2)?.networkKey, networkKey);
  assert.equal(world.state.committee().members[1]?.keyVersion, 0);
  const member = world.close().nextCommittee.members.find(({ nodeId }) => nodeId === 2);
  assert.equal(member?.keyVersion, 1);
  assert.deepEqual(member?.consensusKey, next);
});

test("a lock is kept with the node, through new keys and stakes", () => {
  const world = new World();
  const lockedUntil = (1n << 64n) - 1n;
  world.block({
    events: [
      { type: "stakeLocked", nodeId: 2, lockedUntil: 7n },
      { type: "stakeLocked", nodeId: 2, lockedUntil },
      { type: "keyRotated", nodeId: 2, keyVersion: 1, consensusKey: nodeKeys(78).consensus.publicKey },
      { type: "stakeChanged", nodeId: 2, staked: 1000n * FLK, thawing: 0n },
    ],
  });
  assert.equal(world.state.nodeTable.get("2")?.lockedUntil, lockedUntil);
  assert.equal(world.state.nodeTable.get("1")?.lockedUntil, 0n);
});

test("a node that is opted out on the L2 is not drawn, one that is opted in again is", () => {
  const world = new World({ nodes: 6 });
  const drawn = (): boolean => world.close().nextCommittee.members.some(({ nodeId }) => nodeId === 3);
  world.block({ events: [{ type: "participationSet", nodeId: 3, optedIn: false }] });
  for (let epoch = 0; epoch < 4; epoch++) assert.equal(drawn(), false);
  world.block({ events: [{ type: "participationSet", nodeId: 3, optedIn: true }] });
  assert.ok(Array.from({ length: 12 }, drawn).includes(true));
});

test("a withdrawal that was asked for on the L2 pays out what there is, and never more", () => {
  const world = new World();
  const account = accountOf("asks on the L2").address;
  world.block({ events: [{ type: "deposit", account, amount: 500n, total: 500n }] });
  const ask = (amount: bigint): L2Event => ({ type: "withdrawRequested", account, amount });
  world.block({ events: [ask(200n)] });
  assert.equal(world.state.account(account)?.balance, 300n);
  world.block({ events: [ask((1n << 256n) - 1n), ask(1n)] });
  assert.equal(world.state.account(account)?.balance, 0n);
  assert.equal(world.state.account(account)?.payoutStable, 500n);
  world.block({ events: [{ ...ask(7n), account: new Uint8Array(20).fill(9) } as L2Event] });
  assert.equal(world.state.account(new Uint8Array(20).fill(9)), undefined);
});

test("parameters change at the next epoch boundary", () => {
  const world = new World();
  world.block({ events: [{ type: "parameterSet", key: "epochLengthMs", value: 60_000n }] });
  assert.equal(world.state.parameter("epochLengthMs"), BigInt(EPOCH_MS));
  const end = world.state.epochEnd;
  world.close();
  assert.equal(world.state.parameter("epochLengthMs"), 60_000n);
  assert.equal(world.state.epochEnd, end + 60_000);
});

test("revenue shares that are not 100 % stay as they were, all four, until they are", () => {
  const world = new World();
  world.block({ events: [{ type: "parameterSet", key: "nodeShareBps", value: 8000n }] });
  world.close();
  assert.equal(world.state.parameter("nodeShareBps"), 7000n);
  world.block({ events: [{ type: "parameterSet", key: "treasuryShareBps", value: 0n }] });
  world.close();
  assert.equal(world.state.parameter("nodeShareBps"), 8000n);
  assert.equal(world.state.parameter("treasuryShareBps"), 0n);
});

test("ERR_L2_EVENT for a node or service that was never registered", () => {
  for (const event of [
    staked(99, 1n),
    { type: "endpointsSet", nodeId: 99, endpoints: "" },
    { type: "priceSet", serviceId: 99, commodity: 0, price: 1n },
    { type: "serviceTransferred", serviceId: 99, owner: new Uint8Array(20) },
    { type: "keyRotated", nodeId: 99, keyVersion: 1, consensusKey: nodeKeys(1).consensus.publicKey },
    { type: "networkKeyRotated", nodeId: 99, networkKey: new Uint8Array(32) },
    { type: "participationSet", nodeId: 99, optedIn: true },
    { type: "payeeSet", nodeId: 99, payee: new Uint8Array(20) },
    { type: "stakeLocked", nodeId: 99, lockedUntil: 1n },
  ] satisfies L2Event[]) {
    assert.throws(
      () => new World().block({ events: [event] }),
      (error) => isFlkError(error, "ERR_L2_EVENT"),
    );
  }
});
