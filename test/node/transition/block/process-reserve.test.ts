import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { networkContext } from "#protocol/digests/network.ts";
import { MAX_RESERVATIONS_PER_SESSION, MIN_RESERVATION } from "#protocol/params/limits.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import { TX } from "#protocol/types/transactions.ts";
import { accountOf, sessionOf } from "../support/keys.ts";
import { assertReservations } from "../support/reservations.ts";
import { client, World, type WorldOptions } from "../support/world.ts";

/** At the price of 1,000,000 micro-USD per 10^9 bytes 1000 bytes cost one micro-USD. */
const MICRO = 1000n;
const { address } = client;

function withSession(balance = 1_000n, limit = 1_000_000n, options: WorldOptions = {}): World {
  const world = new World({ deposits: [[client, balance]], ...options });
  assert.equal(world.run(world.authorize(client, "s", { limit })).code, "OK");
  return world;
}

function reserve(world: World, node: number, amount: bigint, name = "s"): string {
  const { code } = world.run(world.reserve(client, name, { node, amount }));
  assertReservations(world.state);
  return code;
}

function pay(world: World, node: number, units: bigint, fields: { epoch?: number; lane?: number } = {}) {
  const ack = world.ack(client, "s", { node, units, ...fields });
  const { acks } = world.run(world.submitAcks(node, [ack]));
  assertReservations(world.state);
  return acks[0];
}

function withdraw(world: World, amount: bigint): string {
  const nonce = world.state.account(address)?.nonce ?? 0;
  const tx = { kind: TX.withdraw, body: { account: address, nonce, amount } } as const;
  return world.run(client.sign(world.network, tx)).code;
}

const views = (world: World) => {
  const account = world.state.account(address);
  const session = world.state.session(address, sessionOf("s").publicKey);
  return [account?.balance, account?.reserved, session?.spent, session?.reserved];
};

test("a reservation locks balance and limit; a higher amount raises it, lower or equal changes nothing", () => {
  const world = withSession();
  assert.equal(reserve(world, 1, 300n), "OK");
  assert.deepEqual(views(world), [1_000n, 300n, 0n, 300n]);
  for (let i = 0; i < 3; i++) assert.equal(reserve(world, 1, 500n), "OK");
  assert.deepEqual(views(world), [1_000n, 500n, 0n, 500n]);
  assert.equal(reserve(world, 1, 200n), "OK");
  assert.deepEqual(views(world), [1_000n, 500n, 0n, 500n]);
  const key = { epoch: 0, account: address, session: sessionOf("s").publicKey, node: 1 };
  assert.deepEqual(world.state.reservation(key), { ...key, amount: 500n, paid: 0n });
  assert.equal(world.state.reservation({ ...key, node: 2 }), undefined);
  assert.equal(world.state.reservation({ ...key, epoch: 7 }), undefined);
});

test("a reservation that changes nothing, or is refused, is no transaction of the report", () => {
  const world = withSession();
  const before = world.state.meta.value.transactions;
  const counted = () => world.state.meta.value.transactions - before;
  reserve(world, 1, 300n);
  assert.equal(counted(), 1);
  for (const amount of [300n, 200n]) assert.equal(reserve(world, 1, amount), "OK");
  assert.equal(reserve(world, 1, 2_000n), "ERR_INSUFFICIENT_BALANCE");
  assert.equal(counted(), 1);
  reserve(world, 1, 400n);
  assert.equal(world.close().report.transactions, before + 2);
});

test("an acknowledgement is paid from its reservation first, then from what nobody has reserved", () => {
  const world = withSession();
  reserve(world, 1, 300n);
  reserve(world, 2, 400n);
  assert.equal(pay(world, 1, 100n * MICRO), "OK");
  assert.deepEqual(views(world), [900n, 600n, 100n, 600n]);
  assert.equal(pay(world, 1, 450n * MICRO), "OK");
  assert.deepEqual(views(world), [550n, 400n, 450n, 400n]);
  assert.equal(pay(world, 1, 900n * MICRO), "ACK_PARTIAL_BALANCE");
  assert.deepEqual(views(world), [400n, 400n, 600n, 400n]);
  assert.equal(pay(world, 3, 900n * MICRO), "ACK_UNPAID_BALANCE");
  assert.deepEqual(views(world), [400n, 400n, 600n, 400n]);
  assert.equal(pay(world, 2, 400n * MICRO), "OK");
  assert.deepEqual(views(world), [0n, 0n, 1_000n, 0n]);
});

test("a reservation keeps its part of the session's limit from other nodes", () => {
  const world = withSession(10_000n, 1_000n);
  assert.equal(reserve(world, 1, 700n), "OK");
  assert.equal(reserve(world, 2, 301n), "ERR_RESERVE_LIMIT");
  assert.equal(pay(world, 2, 400n * MICRO), "ACK_PARTIAL_LIMIT");
  assert.deepEqual(views(world), [9_700n, 700n, 300n, 700n]);
  assert.equal(reserve(world, 1, 701n), "ERR_RESERVE_LIMIT");
  assert.equal(pay(world, 1, 900n * MICRO), "ACK_PARTIAL_LIMIT");
  assert.deepEqual(views(world), [9_000n, 0n, 1_000n, 0n]);
});

test("all of it or nothing: what the balance does not cover is refused whole", () => {
  const world = withSession();
  assert.equal(reserve(world, 1, 1_001n), "ERR_INSUFFICIENT_BALANCE");
  assert.equal(reserve(world, 1, 600n), "OK");
  assert.equal(reserve(world, 2, 401n), "ERR_INSUFFICIENT_BALANCE");
  assert.deepEqual(views(world), [1_000n, 600n, 0n, 600n]);
  assert.equal(reserve(world, 2, 400n), "OK");
});

test("it pays late acknowledgements of its epoch until the next one closes; then what is left is free", () => {
  const world = withSession();
  reserve(world, 1, 500n);
  world.close();
  assert.deepEqual(views(world), [1_000n, 500n, 0n, 0n]);
  assert.equal(withdraw(world, 501n), "ERR_INSUFFICIENT_BALANCE");
  assert.equal(reserve(world, 1, 400n), "OK");
  assert.deepEqual(views(world), [1_000n, 900n, 0n, 400n]);
  assert.equal(pay(world, 1, 200n * MICRO, { epoch: 0 }), "OK");
  assert.deepEqual(views(world), [800n, 700n, 0n, 400n]);
  assert.equal(pay(world, 1, 900n * MICRO, { epoch: 0 }), "ACK_PARTIAL_BALANCE");
  assert.deepEqual(views(world), [400n, 400n, 0n, 400n]);
  world.close();
  assert.deepEqual(views(world), [400n, 400n, 0n, 0n]);
  world.close();
  assertReservations(world.state);
  assert.deepEqual(views(world), [400n, 0n, 0n, 0n]);
  assert.equal(withdraw(world, 400n), "OK");
});

test("what is left is freed for an account that nobody touched meanwhile", () => {
  const world = withSession();
  reserve(world, 1, 1_000n);
  world.close();
  world.close();
  assertReservations(world.state);
  assert.equal(world.state.account(address)?.reserved, 0n);
  assert.equal(withdraw(world, 1_000n), "OK");
});

test("transfers and withdrawals take only what is not reserved", () => {
  const world = withSession();
  reserve(world, 1, 700n);
  const to = accountOf("friend").address;
  const nonce = world.state.account(address)?.nonce ?? 0;
  const transfer = { kind: TX.transfer, body: { account: address, nonce, to, amount: 301n } } as const;
  assert.equal(world.run(client.sign(world.network, transfer)).code, "ERR_INSUFFICIENT_BALANCE");
  assert.equal(withdraw(world, 301n), "ERR_INSUFFICIENT_BALANCE");
  assert.equal(withdraw(world, 300n), "OK");
  assert.equal(pay(world, 1, 700n * MICRO), "OK");
  assert.deepEqual(views(world), [0n, 0n, 700n, 0n]);
});

test("a revoked session's reservations stand: what was served is paid", () => {
  const world = withSession();
  reserve(world, 1, 700n);
  const nonce = world.state.account(address)?.nonce ?? 0;
  const body = { account: address, nonce, key: sessionOf("s").publicKey };
  assert.equal(world.run(client.sign(world.network, { kind: TX.revokeSession, body })).code, "OK");
  assert.equal(withdraw(world, 300n), "OK");
  world.close();
  assert.equal(reserve(world, 1, 800n), "ERR_SESSION_EXPIRED");
  assert.equal(pay(world, 1, 700n * MICRO, { epoch: 0 }), "OK");
  assert.equal(world.balance(client), 0n);
});

test("a withdrawal asked for on the L2 takes what is free at once, and the rest when it is", () => {
  const world = withSession();
  reserve(world, 1, 600n);
  const ask = (amount: bigint): L2Event => ({ type: "withdrawRequested", account: address, amount });
  world.block({ events: [ask(900n), ask(1_000n)] });
  assert.deepEqual([world.balance(client), world.payout(address).stable], [600n, 400n]);
  assert.equal(pay(world, 1, 150n * MICRO), "OK");
  world.close();
  assert.deepEqual([world.balance(client), world.payout(address).stable], [450n, 400n]);
  assert.equal(reserve(world, 1, 100n), "ERR_INSUFFICIENT_BALANCE");
  assert.equal(pay(world, 1, 250n * MICRO, { epoch: 0 }), "OK");
  const { report } = world.close();
  assert.deepEqual([world.balance(client), world.payout(address).stable], [0n, 750n]);
  assert.equal(report.payouts.find((entry) => Buffer.from(entry.account).equals(address))?.stable, 750n);
  const { l2Changes } = world.blocks.at(-1) ?? assert.fail();
  assert.deepEqual(
    l2Changes.map(({ delta, balance }) => [delta, balance]),
    [[350n, 0n]],
  );
  world.block({ events: [{ type: "deposit", account: address, amount: 50n, total: 1_050n }] });
  world.close();
  world.close();
  assert.equal(world.balance(client), 50n);
});

test("bad reservations are refused by code and lock nothing", () => {
  const world = withSession();
  const foreign = networkContext(1, "0x00000000000000000000000000000000000000f2").networkId;
  const amount = 200n;
  const code = (...rest: Parameters<World["reserve"]>) => world.run(world.reserve(...rest)).code;
  assert.equal(code(client, "s", { amount, epoch: 1 }), "ERR_RESERVE_EPOCH");
  assert.equal(code(client, "s", { amount, node: 2 }, { submitter: 1 }), "ERR_RESERVE_NODE");
  assert.equal(code(client, "s", { amount: MIN_RESERVATION - 1n }), "ERR_RESERVE_MINIMUM");
  assert.equal(code(client, "nobody", { amount }), "ERR_UNKNOWN_SESSION");
  assert.equal(code(accountOf("stranger"), "s", { amount }), "ERR_UNKNOWN_SESSION");
  assert.equal(code(client, "s", { amount }, { signer: sessionOf("thief") }), "ERR_RESERVE_SIGNATURE");
  assert.equal(code(client, "s", { amount }, { networkId: foreign }), "ERR_RESERVE_SIGNATURE");
  assert.equal(
    code(client, "s", { amount }, { submitterKey: sessionOf("not the node") }),
    "ERR_BAD_SIGNATURE",
  );
  assert.deepEqual(views(world), [1_000n, 0n, 0n, 0n]);
});

test("over-committed to a thousand nodes: those with a reservation are paid in full, the sum is what there is", () => {
  const nodes = MAX_RESERVATIONS_PER_SESSION + 1;
  const balance = BigInt(MAX_RESERVATIONS_PER_SESSION) * MIN_RESERVATION;
  const world = withSession(balance + 500n, 10n * balance, { nodes });
  const all = Array.from({ length: nodes }, (_, i) => i + 1);
  const { block } = world.block({
    transactions: all.map((node) => world.reserve(client, "s", { node, amount: MIN_RESERVATION })),
  });
  const refused = block.receipts.filter(({ status }) => status !== 0);
  assert.equal(refused.length, 1);
  assert.equal(reserve(world, nodes, MIN_RESERVATION), "ERR_RESERVE_COUNT");
  const served = (node: number) => world.ack(client, "s", { node, units: MIN_RESERVATION * MICRO });
  assert.equal(withdraw(world, 501n), "ERR_INSUFFICIENT_BALANCE");
  assert.equal(withdraw(world, 500n), "OK");
  assert.deepEqual(world.run(world.submitAcks(nodes, [served(nodes)])).acks, ["ACK_UNPAID_BALANCE"]);
  const paid = world.block({
    transactions: all.slice(0, -1).map((node) => world.submitAcks(node, [served(node)])),
  });
  assert.ok(paid.block.receipts.every(({ ackStatus }) => ackStatus[0] === 0));
  assert.equal(world.balance(client), 0n);
  assertReservations(world.state);
});

test("whatever is reserved, served, withdrawn and closed, a node is paid at least what was reserved for it", () => {
  const NODES = 4;
  const step = fc.oneof(
    fc.record({
      do: fc.constant("reserve" as const),
      node: fc.nat(NODES - 1),
      amount: fc.bigInt(100n, 900n),
    }),
    fc.record({ do: fc.constant("serve" as const), node: fc.nat(NODES - 1), amount: fc.bigInt(1n, 900n) }),
    fc.record({ do: fc.constant("withdraw" as const), node: fc.constant(0), amount: fc.bigInt(1n, 900n) }),
    fc.record({ do: fc.constant("ask" as const), node: fc.constant(0), amount: fc.bigInt(1n, 900n) }),
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 25 }), (steps) => {
      const world = withSession(1_500n);
      const locked = new Array<bigint>(NODES).fill(0n);
      for (const { do: what, node, amount } of steps) {
        if (what === "reserve") {
          if (reserve(world, node + 1, amount) === "OK" && amount > (locked[node] ?? 0n))
            locked[node] = amount;
        } else if (what === "withdraw") withdraw(world, amount);
        else if (what === "ask")
          world.block({ events: [{ type: "withdrawRequested", account: address, amount }] });
        else pay(world, node + 1, amount * MICRO);
        assertReservations(world.state);
      }
      world.close();
      for (let node = 0; node < NODES; node++) {
        const key = { epoch: 0, account: address, session: sessionOf("s").publicKey, node: node + 1 };
        const left = world.state.reservation(key);
        assert.equal(left?.amount ?? 0n, locked[node]);
        if (!left || left.amount === left.paid) continue;
        const before = world.balance(client);
        const served = pay(world, node + 1, 10_000n * MICRO, { epoch: 0 });
        assert.ok(served?.startsWith("ACK_PARTIAL"));
        assert.ok(before - world.balance(client) >= left.amount - left.paid);
      }
    }),
    { numRuns: 40, seed: 23 },
  );
});
