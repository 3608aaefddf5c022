import assert from "node:assert/strict";
import { test } from "node:test";
import { networkContext } from "#protocol/digests/network.ts";
import { RECEIPT_CODES } from "#protocol/errors/codes.ts";
import type { Ack } from "#protocol/types/ack.ts";
import { TX } from "#protocol/types/transactions.ts";
import { accountOf, seedOf, sessionOf } from "./support/keys.ts";
import { client, World, type WorldOptions } from "./support/world.ts";

/** 1000 units cost one micro-USD. */
const MICRO = 1000n;
const START_BALANCE = 1_000_000n;
const other = accountOf("another client");

function openWorld(options: WorldOptions = {}): World {
  const deposits: WorldOptions["deposits"] = [
    [client, START_BALANCE],
    [other, START_BALANCE],
  ];
  const world = new World({ services: 2, deposits, ...options });
  for (const owner of [client, other]) assert.equal(world.run(world.authorize(owner, "s")).code, "OK");
  return world;
}

test("what a client signed pays nothing else: each field altered after the signature is refused, by whomever it is submitted", () => {
  const world = openWorld();
  world.run(world.authorize(client, "t"));
  const signed = world.ack(client, "s", { units: 5n * MICRO });
  const forgeries: Partial<Ack>[] = [
    { epoch: 1 },
    { account: other.address },
    { session: sessionOf("t").publicKey },
    { lane: 1 },
    { node: 2 },
    { service: 1 },
    { commodity: 1 },
    { count: 2 },
    { units: 6n * MICRO },
    { units: (1n << 64n) - 1n },
    { log: seedOf("another log") },
  ];
  // in the epoch of the acknowledgement, and in the next, where late ones are taken
  for (let epoch = 0; epoch < 2; epoch++) {
    for (const forged of forgeries) {
      for (const node of [1, 2]) {
        const { acks } = world.run(
          world.submitAcks(node, [{ ...signed, ack: { ...signed.ack, ...forged } }]),
        );
        const [code = ""] = acks;
        assert.match(code, /^ERR_ACK_(SIGNATURE|NODE|EPOCH)$/, JSON.stringify(Object.keys(forged)));
      }
    }
    assert.deepEqual([world.balance(client), world.balance(other)], [START_BALANCE, START_BALANCE]);
    world.close();
  }
});

test("one acknowledgement pays once: not again in its block, later, by another node, in later epochs or on another network", () => {
  const world = openWorld();
  const signed = world.ack(client, "s", { units: 5n * MICRO });
  const [one, again] = [world.submitAcks(1, [signed, signed]), world.submitAcks(1, [signed])];
  world.block({ transactions: [one, again, one] });
  assert.equal(world.balance(client), START_BALANCE - 5n);
  assert.deepEqual(world.run(world.submitAcks(2, [signed])).acks, ["ERR_ACK_NODE"]);
  world.close();
  assert.deepEqual(world.run(world.submitAcks(1, [signed])).acks, ["ACK_NO_CHANGE"]);
  world.close();
  assert.deepEqual(world.run(world.submitAcks(1, [signed])).acks, ["ERR_ACK_EPOCH"]);
  assert.equal(world.balance(client), START_BALANCE - 5n);

  const network = networkContext(31337, "0x00000000000000000000000000000000000000f9");
  const fork = openWorld({ network });
  assert.deepEqual(fork.run(fork.submitAcks(1, [signed])).acks, ["ERR_ACK_SIGNATURE"]);
  const elsewhere = world.submitAcks(1, [signed]);
  assert.equal(fork.run(elsewhere).code, "ERR_BAD_SIGNATURE");
  assert.equal(fork.balance(client), START_BALANCE);
});

test("a client that owes a thousand nodes pays what it has, to the unit, and not more", () => {
  const nodes = 1000;
  const world = openWorld({
    nodes,
    deposits: [
      [client, 4_321n],
      [other, START_BALANCE],
    ],
  });
  const each = 5n;
  const acks = Array.from({ length: nodes }, (_, i) =>
    world.ack(client, "s", { node: i + 1, units: each * MICRO }),
  );
  const submit = () => acks.map((ack, i) => world.submitAcks(i + 1, [ack]));
  const { block } = world.block({ transactions: submit() });
  const paid = block.receipts.map(({ changes }) => changes.reduce((sum, { delta }) => sum + delta, 0n));
  assert.deepEqual(
    paid,
    Array.from({ length: nodes }, (_, i) => (i < 864 ? each : i === 864 ? 1n : 0n)),
  );
  assert.equal(world.balance(client), 0n);
  const { report } = world.close();
  assert.equal(report.revenue, 4_321n);
  // what is left is paid once there is money, while its epoch is the last
  world.block({ events: [{ type: "deposit", account: client.address, amount: 679n, total: 5_000n }] });
  world.block({ transactions: submit() });
  assert.equal(world.balance(client), 0n);
  assert.equal(world.close().report.revenue, 679n);
});

test("the spend limit holds over many nodes and over late acknowledgements together", () => {
  const nodes = 150;
  const world = new World({ nodes });
  assert.equal(world.run(world.authorize(client, "s", { limit: 199n })).code, "OK");
  const submit = (units: bigint) =>
    Array.from({ length: nodes }, (_, i) =>
      world.submitAcks(i + 1, [world.ack(client, "s", { node: i + 1, units })]),
    );
  const transactions = submit(2n * MICRO);
  world.block({ transactions });
  assert.equal(world.balance(client), START_BALANCE - 199n);
  world.close();
  world.block({ transactions });
  assert.equal(world.balance(client), START_BALANCE - 199n);
  world.block({ transactions: submit(2n * MICRO) });
  assert.equal(world.balance(client), START_BALANCE - 2n * 199n);
});

test("money that leaves before the acknowledgement in a block is gone, after it it is not, and no order makes more of it", () => {
  const ways: ((world: World, amount: bigint) => { transaction?: Uint8Array; forced?: bigint })[] = [
    (world, amount) => ({
      transaction: client.sign(world.network, {
        kind: TX.withdraw,
        body: { account: client.address, nonce: 1, amount },
      }),
    }),
    (world, amount) => ({
      transaction: client.sign(world.network, {
        kind: TX.transfer,
        body: { account: client.address, nonce: 1, to: other.address, amount },
      }),
    }),
    (_world, amount) => ({ forced: amount }),
  ];
  for (const way of ways) {
    for (const leavesFirst of [true, false]) {
      const world = openWorld({
        deposits: [
          [client, 100n],
          [other, START_BALANCE],
        ],
      });
      const { transaction, forced } = way(world, 70n);
      const ack = world.submitAcks(1, [world.ack(client, "s", { units: 60n * MICRO })]);
      if (!leavesFirst && forced !== undefined) world.block({ transactions: [ack] });
      const { block } = world.block({
        events:
          forced === undefined
            ? []
            : [{ type: "withdrawRequested", account: client.address, amount: forced }],
        transactions: transaction ? (leavesFirst ? [transaction, ack] : [ack, transaction]) : [ack],
      });
      const left = world.payout(client.address).stable + world.balance(other) - START_BALANCE;
      const revenue = world.close().report.revenue;
      assert.equal(left + revenue + world.balance(client), 100n);
      assert.equal(revenue, leavesFirst ? 30n : 60n);
      if (!leavesFirst && transaction)
        assert.equal(RECEIPT_CODES[block.receipts[1]?.status ?? 0], "ERR_INSUFFICIENT_BALANCE");
    }
  }
});

test("revoking takes nothing back: what was acknowledged in the epoch is paid, in it and late, and nothing signed after it", () => {
  const world = openWorld();
  const served = world.ack(client, "s", { units: 10n * MICRO });
  const revoke = client.sign(world.network, {
    kind: TX.revokeSession,
    body: { account: client.address, nonce: 1, key: sessionOf("s").publicKey },
  });
  const { block } = world.block({ transactions: [revoke, world.submitAcks(1, [served])] });
  assert.ok(block.receipts.every(({ status }) => RECEIPT_CODES[status] === "OK"));
  assert.equal(world.balance(client), START_BALANCE - 10n);
  const more = world.ack(client, "s", { units: 12n * MICRO });
  world.close();
  assert.deepEqual(world.run(world.submitAcks(1, [more])).acks, ["OK"]);
  const after = world.ack(client, "s", { units: MICRO });
  assert.deepEqual(world.run(world.submitAcks(1, [after])).acks, ["ERR_ACK_SESSION_EXPIRED"]);
  assert.equal(world.balance(client), START_BALANCE - 12n);
});
