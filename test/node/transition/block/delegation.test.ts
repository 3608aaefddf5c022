import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { networkContext } from "#protocol/digests/network.ts";
import { MAX_LANES_PER_SUBKEY, MAX_RESERVATIONS_PER_SUBKEY } from "#protocol/params/limits.ts";
import type { Ack, SignedDelegation } from "#protocol/types/ack.ts";
import { TX } from "#protocol/types/transactions.ts";
import { accountOf, sessionOf } from "../support/keys.ts";
import { assertReservations } from "../support/reservations.ts";
import { client, World } from "../support/world.ts";

/** At the price of 1,000,000 micro-USD per 10^9 bytes 1000 bytes cost one micro-USD. */
const MICRO = 1000n;
const { address } = client;
const pageKey = sessionOf("page").publicKey;

function withSession(balance = 100_000n, limit = 50_000n, expiryEpoch = 100, nodes = 6): World {
  const world = new World({ deposits: [[client, balance]], nodes });
  assert.equal(world.run(world.authorize(client, "s", { limit, expiryEpoch })).code, "OK");
  return world;
}

function submit(world: World, fields: Partial<Ack>, delegations: SignedDelegation[], key = "page") {
  const node = fields.node ?? 1;
  const ack = world.ack(client, key, { node, ...fields });
  const { acks } = world.run(world.submitAcks(node, [ack], undefined, delegations));
  assertReservations(world.state);
  return acks[0];
}

const reserve = (world: World, delegation: SignedDelegation, amount: bigint, node = 1) => {
  const { code } = world.run(world.reserve(client, "page", { node, amount }, { delegations: [delegation] }));
  assertReservations(world.state);
  return code;
};

const spentBy = (world: World) => [
  world.state.session(address, sessionOf("s").publicKey)?.spent,
  world.state.delegate(address, pageKey, world.state.epoch)?.spent,
];

test("a delegated key's work is paid by the account, within its own limit and its session's", () => {
  const world = withSession();
  const page = world.delegate(client, "s", "page", { limit: 700n });
  assert.equal(submit(world, { units: 300n * MICRO }, [page]), "OK");
  assert.deepEqual(spentBy(world), [300n, 300n]);
  assert.equal(submit(world, { units: 900n * MICRO }, [page]), "ACK_PARTIAL_LIMIT");
  assert.deepEqual(spentBy(world), [700n, 700n]);
  assert.equal(
    submit(world, { units: MICRO, node: 2 }, [page]),
    "ACK_UNPAID_LIMIT",
    "at no other node either",
  );
  assert.equal(submit(world, { units: 400n * MICRO, lane: 7 }, [], "s"), "OK", "the session itself goes on");
  assert.equal(world.balance(client), 100_000n - 1_100n);
});

test("limits nest: the session's bounds what its keys spend together, in each epoch", () => {
  const world = withSession(100_000n, 1_000n);
  const one = world.delegate(client, "s", "page", { limit: 800n });
  const two = world.delegate(client, "s", "other", { limit: 800n });
  assert.equal(submit(world, { units: 800n * MICRO }, [one, two]), "OK");
  assert.equal(submit(world, { units: 800n * MICRO }, [one, two], "other"), "ACK_PARTIAL_LIMIT");
  assert.equal(world.balance(client), 99_000n);
  world.close();
  assert.equal(submit(world, { units: 800n * MICRO }, [two], "other"), "OK");
  assert.equal(submit(world, { units: 801n * MICRO }, [two], "other"), "ACK_UNPAID_LIMIT");
  assert.equal(world.balance(client), 98_200n);
});

test("a stolen key takes at most its own limit in an epoch, whatever it signs and at however many nodes", () => {
  const world = withSession(100_000n, 50_000n, 100, 12);
  const page = world.delegate(client, "s", "page", { limit: 2_000n });
  const thief = world.nodes.map(({ nodeId: node }, lane) =>
    world.submitAcks(node, [world.ack(client, "page", { node, lane, units: 900n * MICRO })], undefined, [
      page,
    ]),
  );
  for (const node of [1, 2, 3]) reserve(world, page, 600n, node);
  world.block({ transactions: thief });
  world.block({ transactions: thief });
  assert.equal(world.balance(client), 98_000n);
  assertReservations(world.state);
});

test("another account, network, session or forger makes no delegation, nor does one that is not there", () => {
  const world = withSession();
  const other = accountOf("other");
  world.block({ events: [{ type: "deposit", account: other.address, amount: 9_000n, total: 9_000n }] });
  const page = world.delegate(client, "s", "page");
  const foreign = networkContext(1, "0x00000000000000000000000000000000000000f2").networkId;
  const cases: [SignedDelegation[], string][] = [
    [[], "ERR_ACK_UNKNOWN_SESSION"],
    [[world.delegate(client, "s", "someone else")], "ERR_ACK_UNKNOWN_SESSION"],
    [[world.delegate(client, "nobody", "page")], "ERR_ACK_UNKNOWN_SESSION"],
    [[world.delegate(client, "s", "page", { account: other.address })], "ERR_ACK_UNKNOWN_SESSION"],
    [[world.delegate(client, "s", "page", {}, { signer: sessionOf("page") })], "ERR_ACK_DELEGATION"],
    [[world.delegate(client, "s", "page", {}, { networkId: foreign })], "ERR_ACK_DELEGATION"],
    [[{ ...page, delegation: { ...page.delegation, limit: 1n << 60n } }], "ERR_ACK_DELEGATION"],
    [[world.delegate(client, "s", "page", { from: 1 })], "ERR_ACK_DELEGATION_EXPIRED"],
  ];
  for (const [delegations, code] of cases) assert.equal(submit(world, { units: MICRO }, delegations), code);
  const theirs = world.ack(other, "page", { units: MICRO });
  const replayed = world.run(world.submitAcks(1, [theirs], undefined, [page]));
  assert.deepEqual(replayed.acks, ["ERR_ACK_UNKNOWN_SESSION"]);
  const forged = world.ack(client, "page", { units: MICRO }, sessionOf("s"));
  assert.deepEqual(world.run(world.submitAcks(1, [forged], undefined, [page])).acks, ["ERR_ACK_SIGNATURE"]);
  assert.equal(world.balance(client), 100_000n);
  assert.equal(world.state.delegatesOf(0).size, 0, "nothing is recorded for free");
});

test("it ends with its epochs and with its session: an expiry or a revocation of the parent applies at once", () => {
  const world = withSession();
  const short = world.delegate(client, "s", "page", { from: 0, to: 0 });
  const long = world.delegate(client, "s", "other");
  assert.equal(submit(world, { units: MICRO }, [short]), "OK");
  world.close();
  assert.equal(submit(world, { units: 2n * MICRO, epoch: 0 }, [short]), "OK", "late work is paid");
  assert.equal(submit(world, { units: MICRO }, [short]), "ERR_ACK_DELEGATION_EXPIRED");
  assert.equal(reserve(world, short, 500n), "ERR_DELEGATION_EXPIRED");
  assert.equal(submit(world, { units: MICRO }, [long], "other"), "OK");
  const nonce = world.state.account(address)?.nonce ?? 0;
  const body = { account: address, nonce, key: sessionOf("s").publicKey };
  assert.equal(world.run(client.sign(world.network, { kind: TX.revokeSession, body })).code, "OK");
  world.close();
  assert.equal(submit(world, { units: MICRO }, [long], "other"), "ERR_ACK_SESSION_EXPIRED");
  assert.equal(submit(world, { units: 2n * MICRO, epoch: 1 }, [long], "other"), "OK");
});

test("a delegated key reserves out of both limits, and is paid out of what it reserved first", () => {
  const world = withSession(10_000n, 3_000n);
  const page = world.delegate(client, "s", "page", { limit: 1_000n });
  assert.equal(reserve(world, page, 1_001n), "ERR_RESERVE_LIMIT");
  assert.equal(reserve(world, page, 800n), "OK");
  assert.equal(world.state.session(address, sessionOf("s").publicKey)?.reserved, 800n);
  assert.equal(world.state.delegate(address, pageKey, 0)?.reserved, 800n);
  assert.equal(submit(world, { units: 500n * MICRO, node: 2 }, [page]), "ACK_PARTIAL_LIMIT");
  assert.deepEqual(spentBy(world), [200n, 200n]);
  assert.equal(submit(world, { units: 600n * MICRO }, [page]), "OK");
  assert.equal(world.state.delegate(address, pageKey, 0)?.reserved, 200n);
  assert.equal(world.run(world.reserve(client, "s", { amount: 2_001n })).code, "ERR_RESERVE_LIMIT");
  assert.equal(world.run(world.reserve(client, "s", { amount: 2_000n })).code, "OK");
  world.close();
  world.close();
  assertReservations(world.state);
  assert.equal(world.state.account(address)?.reserved, 0n);
});

test("a key keeps to one session in an epoch, also when it is authorised itself meanwhile", () => {
  const world = withSession();
  const page = world.delegate(client, "s", "page", { limit: 900n });
  assert.equal(reserve(world, page, 500n), "OK");
  world.run(world.authorize(client, "t"));
  const rival = world.delegate(client, "t", "page", { limit: 900n });
  assert.equal(submit(world, { units: MICRO }, [rival]), "ERR_ACK_DELEGATION");
  assert.equal(reserve(world, rival, 600n), "ERR_DELEGATION");
  assert.equal(world.run(world.authorize(client, "page")).code, "OK");
  assert.equal(submit(world, { units: 200n * MICRO }, []), "ERR_ACK_UNKNOWN_SESSION");
  assert.equal(submit(world, { units: 200n * MICRO }, [page]), "OK");
  world.close();
  assert.equal(submit(world, { units: 5_000n * MICRO }, []), "OK", "from then on by its own limit");
  assert.equal(submit(world, { units: 400n * MICRO, epoch: 0 }, [page]), "OK");
});

test("ERR_ACK_LANES, ERR_RESERVE_COUNT: delegated keys have few lanes and reservations each, and take none from the session", () => {
  const world = withSession(1_000_000n, 900_000n, 100, MAX_RESERVATIONS_PER_SUBKEY + 1);
  const page = world.delegate(client, "s", "page", { limit: 800_000n });
  const lanes = Array.from({ length: MAX_LANES_PER_SUBKEY + 1 }, (_, lane) =>
    world.ack(client, "page", { lane, units: MICRO }),
  );
  const { acks } = world.run(world.submitAcks(1, lanes, undefined, [page]));
  assert.deepEqual(acks.slice(-2), ["OK", "ERR_ACK_LANES"]);
  assert.equal(submit(world, { units: 2n * MICRO, lane: 3 }, [page]), "OK", "a known lane goes on");
  assert.equal(submit(world, { units: MICRO, lane: 99 }, [], "s"), "OK");
  const [session, own] = ["s", "page"].map((name) =>
    world.state
      .laneCountsOf(0)
      .values()
      .find((r) => r.session.join() === sessionOf(name).publicKey.join()),
  );
  assert.deepEqual([session?.lanes, session?.delegated, own?.lanes], [1, 16, 16]);
  for (let node = 1; node <= MAX_RESERVATIONS_PER_SUBKEY; node++)
    assert.equal(reserve(world, page, 100n, node), "OK");
  assert.equal(reserve(world, page, 100n, MAX_RESERVATIONS_PER_SUBKEY + 1), "ERR_RESERVE_COUNT");
  assert.equal(reserve(world, page, 200n, 3), "OK");
  assert.equal(world.run(world.reserve(client, "s", { amount: 100n })).code, "OK");
});

test("over random limits and spending no key and no session ever spends more than it may", () => {
  const keys = ["page", "other", "third"];
  const step = fc.record({
    key: fc.nat(2),
    node: fc.integer({ min: 1, max: 3 }),
    units: fc.bigInt(1n, 2_000n),
    reserve: fc.boolean(),
    close: fc.nat(9),
  });
  const limits = fc.array(fc.bigInt(0n, 1_500n), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(
      limits,
      fc.bigInt(1n, 3_000n),
      fc.array(step, { minLength: 5, maxLength: 25 }),
      (all, limit, steps) => {
        const world = withSession(100_000n, limit);
        const granted = keys.map((key, i) => world.delegate(client, "s", key, { limit: all[i] ?? 0n }));
        for (const { key: at, node, units, reserve: reserves, close } of steps) {
          const key = keys[at] ?? assert.fail();
          const amount = units;
          if (reserves)
            world.run(
              world.reserve(client, key, { node, amount }, { delegations: granted.slice(at, at + 1) }),
            );
          else submit(world, { units: units * MICRO, node }, granted, key);
          if (close === 0) world.close();
          assertReservations(world.state);
          keys.forEach((name, i) => {
            const view = world.state.delegate(address, sessionOf(name).publicKey, world.state.epoch);
            assert.ok(!view || view.spent + view.reserved <= (all[i] ?? 0n));
          });
          const session = world.state.session(address, sessionOf("s").publicKey) ?? assert.fail();
          assert.ok(session.spent + session.reserved <= limit);
        }
      },
    ),
    { numRuns: 30, seed: 31 },
  );
});
