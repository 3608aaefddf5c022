import assert from "node:assert/strict";
import { test } from "node:test";
import { signAck } from "#protocol/digests/ack.ts";
import { laneId, laneKeyOf } from "#protocol/digests/ids.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { MAX_LANES_PER_SESSION } from "#protocol/params/limits.ts";
import { CHANGE } from "#protocol/types/block.ts";
import { accountOf, sessionOf } from "../support/keys.ts";
import { client, FLK, staked, World, type WorldOptions } from "../support/world.ts";

/** Price 1,000,000 micro-USD per 10^9 bytes: 1000 bytes cost one micro-USD. */
const MICRO = 1000n;

function withSession(options: WorldOptions = {}, limit = 1_000_000n, expiryEpoch = 100): World {
  const world = new World(options);
  assert.equal(world.run(world.authorize(client, "s", { limit, expiryEpoch })).code, "OK");
  return world;
}

test("an acknowledgement debits the client, and its lane remembers what is paid", () => {
  const world = withSession();
  const ack = world.ack(client, "s", { units: 7_500n, count: 3 });
  const { code, acks, receipt } = world.run(world.submitAcks(1, [ack]));
  assert.deepEqual([code, acks], ["OK", ["OK"]]);
  assert.deepEqual(receipt.changes, [
    { account: client.address, reason: CHANGE.ackPayment, delta: 7n, balance: 999_993n },
  ]);
  assert.equal(world.state.lanePaid(laneId(laneKeyOf(ack.ack))), 7_500n);
  assert.equal(world.state.node(1)?.revenue, 7n);
});

test("acknowledgements are cumulative: the fractions of a micro-USD add up, nothing is paid twice", () => {
  const world = withSession();
  const pay = (units: bigint) => world.run(world.submitAcks(1, [world.ack(client, "s", { units })])).acks[0];
  assert.equal(pay(999n), "ACK_NO_CHANGE");
  assert.equal(world.balance(client), 1_000_000n);
  assert.equal(pay(1_000n), "OK");
  assert.equal(world.balance(client), 999_999n);
  assert.equal(pay(1_000n), "ACK_NO_CHANGE");
  assert.equal(pay(999n), "ACK_NO_CHANGE");
  assert.equal(pay(0n), "ACK_NO_CHANGE");
  assert.equal(pay(3_999n), "OK");
  assert.equal(world.balance(client), 999_997n);
});

test("lanes are apart: number, session, node, service and commodity", () => {
  const world = withSession();
  world.run(world.authorize(client, "t"));
  const acks = [
    world.ack(client, "s", { units: MICRO }),
    world.ack(client, "s", { units: MICRO, lane: 1 }),
    world.ack(client, "t", { units: MICRO }),
    world.ack(client, "s", { units: MICRO, commodity: 1 }),
  ];
  assert.deepEqual(world.run(world.submitAcks(1, acks)).acks, ["OK", "OK", "OK", "OK"]);
  assert.equal(world.balance(client), 1_000_000n - 1n - 1n - 1n - 2n);
});

test("late acknowledgements are paid in the next epoch, count there, and are refused after it", () => {
  const world = withSession();
  const first = world.ack(client, "s", { units: MICRO });
  const second = world.ack(client, "s", { units: 5n * MICRO });
  assert.deepEqual(world.run(world.submitAcks(1, [first])).acks, ["OK"]);
  assert.equal(world.close().report.revenue, 1n);
  assert.deepEqual(world.run(world.submitAcks(1, [second, first])).acks, ["OK", "ACK_NO_CHANGE"]);
  const { report } = world.close();
  assert.equal(report.revenue, 4n);
  assert.equal(report.units, 4n * MICRO);
  assert.deepEqual(world.run(world.submitAcks(1, [second])).acks, ["ERR_ACK_EPOCH"]);
});

test("ACK_PARTIAL_BALANCE: exactly the balance is paid, the rest when there is money again", () => {
  const world = withSession({ deposits: [[client, 10n]] });
  const ack = world.ack(client, "s", { units: 25n * MICRO });
  assert.deepEqual(world.run(world.submitAcks(1, [ack])).acks, ["ACK_PARTIAL_BALANCE"]);
  assert.equal(world.balance(client), 0n);
  assert.equal(world.state.lanePaid(laneId(laneKeyOf(ack.ack))), 11n * MICRO - 1n);
  assert.deepEqual(world.run(world.submitAcks(1, [ack])).acks, ["ACK_UNPAID_BALANCE"]);
  world.block({ events: [{ type: "deposit", account: client.address, amount: 100n, total: 110n }] });
  assert.deepEqual(world.run(world.submitAcks(1, [ack])).acks, ["OK"]);
  assert.equal(world.balance(client), 85n);
  assert.deepEqual(world.run(world.submitAcks(1, [ack])).acks, ["ACK_NO_CHANGE"]);
});

test("ACK_PARTIAL_LIMIT: the spend limit is per epoch of the acknowledgement", () => {
  const world = withSession({}, 10n);
  const ack = world.ack(client, "s", { units: 25n * MICRO });
  assert.deepEqual(world.run(world.submitAcks(1, [ack])).acks, ["ACK_PARTIAL_LIMIT"]);
  assert.equal(world.balance(client), 999_990n);
  world.close();
  assert.deepEqual(world.run(world.submitAcks(1, [ack])).acks, ["ACK_UNPAID_LIMIT"]);
  const current = world.ack(client, "s", { units: 4n * MICRO });
  assert.deepEqual(world.run(world.submitAcks(1, [current])).acks, ["OK"]);
  const session = world.state.session(client.address, sessionOf("s").publicKey);
  assert.deepEqual([session?.spentPrevious, session?.spent], [10n, 4n]);
  assert.equal(world.balance(client), 999_986n);
});

test("the price is that of the acknowledgement's epoch, before and after a change", () => {
  const world = withSession();
  const old = world.ack(client, "s", { units: 10n * MICRO });
  world.block({ events: [{ type: "priceSet", serviceId: 0, commodity: 0, price: 3_000_000n }] });
  assert.deepEqual(world.state.service(0)?.prices, [1_000_000n, 2_000_000n]);
  world.close();
  assert.deepEqual(world.state.service(0)?.prices, [3_000_000n, 2_000_000n]);
  assert.deepEqual(world.state.service(0)?.previousPrices, [1_000_000n, 2_000_000n]);
  assert.deepEqual(world.run(world.submitAcks(1, [old])).acks, ["OK"]);
  assert.equal(world.balance(client), 999_990n);
  const now = world.ack(client, "s", { units: 10n * MICRO });
  assert.deepEqual(world.run(world.submitAcks(1, [now])).acks, ["OK"]);
  assert.equal(world.balance(client), 999_960n);
});

test("each bad acknowledgement gets its code and costs the good ones nothing", () => {
  const stranger = accountOf("stranger");
  const world = withSession();
  const foreign = networkContext(1, "0x00000000000000000000000000000000000000f2");
  const good = world.ack(client, "s", { units: MICRO });
  const units = MICRO;
  const acks = [
    world.ack(client, "s", { units, epoch: 1 }),
    world.ack(client, "s", { units, node: 2 }),
    world.ack(client, "s", { units, service: 9 }),
    world.ack(client, "s", { units, commodity: 2 }),
    world.ack(client, "nobody", { units }),
    world.ack(stranger, "s", { units }),
    world.ack(client, "s", { units, lane: 5 }, sessionOf("thief")),
    signAck(foreign.networkId, world.ack(client, "s", { units, lane: 6 }).ack, sessionOf("s")),
    good,
  ];
  const { code, acks: codes } = world.run(world.submitAcks(1, acks));
  assert.equal(code, "OK");
  assert.deepEqual(codes, [
    "ERR_ACK_EPOCH",
    "ERR_ACK_NODE",
    "ERR_ACK_SERVICE",
    "ERR_ACK_COMMODITY",
    "ERR_ACK_UNKNOWN_SESSION",
    "ERR_ACK_ACCOUNT",
    "ERR_ACK_SIGNATURE",
    "ERR_ACK_SIGNATURE",
    "OK",
  ]);
  assert.equal(world.balance(client), 999_999n);
});

test("ERR_ACK_SESSION_EXPIRED for acknowledgements of epochs after the expiry, not for late ones", () => {
  const world = withSession({}, 1_000_000n, 0);
  const late = world.ack(client, "s", { units: MICRO });
  world.close();
  const expired = world.ack(client, "s", { units: MICRO });
  assert.deepEqual(world.run(world.submitAcks(1, [expired, late])).acks, ["ERR_ACK_SESSION_EXPIRED", "OK"]);
});

test("a service that is new in an epoch is paid from the next one on", () => {
  const world = withSession();
  const owner = accountOf("new service").address;
  world.block({
    events: [
      { type: "serviceRegistered", serviceId: 1, owner },
      { type: "priceSet", serviceId: 1, commodity: 0, price: 1_000_000n },
    ],
  });
  const early = world.ack(client, "s", { units: MICRO, service: 1 });
  assert.deepEqual(world.run(world.submitAcks(1, [early])).acks, ["ERR_ACK_COMMODITY"]);
  world.close();
  const later = world.ack(client, "s", { units: MICRO, service: 1 });
  assert.deepEqual(world.run(world.submitAcks(1, [early, later])).acks, ["ERR_ACK_COMMODITY", "OK"]);
});

test("ERR_NO_ACKS, ERR_UNKNOWN_NODE, ERR_NODE_NOT_STAKED, ERR_BAD_SIGNATURE", () => {
  const world = withSession();
  const ack = world.ack(client, "s", { units: MICRO });
  assert.equal(world.run(world.submitAcks(1, [])).code, "ERR_NO_ACKS");
  assert.equal(world.run(world.submitAcks(99, [ack], world.node(1).network)).code, "ERR_UNKNOWN_NODE");
  assert.equal(world.run(world.submitAcks(1, [ack], world.node(2).network)).code, "ERR_BAD_SIGNATURE");
  world.block({ events: [staked(1, 999n * FLK, FLK)] });
  assert.equal(world.run(world.submitAcks(1, [ack])).code, "ERR_NODE_NOT_STAKED");
  assert.equal(world.balance(client), 1_000_000n);
});

test("client and node together cannot overflow the statistics of cheap work", () => {
  const deposits: WorldOptions["deposits"] = [[client, 1n << 50n]];
  const world = withSession({ prices: [1n], deposits }, 1n << 50n);
  const most = (1n << 64n) - 1n;
  const acks = [0, 1].map((lane) => world.ack(client, "s", { units: most, count: 2 ** 32 - 1, lane }));
  assert.deepEqual(world.run(world.submitAcks(1, acks)).acks, ["OK", "OK"]);
  const { report } = world.close();
  assert.equal(report.units, most);
  assert.equal(report.deliveries, 2 * (2 ** 32 - 1));
  assert.equal(report.revenue, 2n * (most / 10n ** 9n));
});

test("work that costs nothing records nothing: at price 0, and below one micro-USD", () => {
  const free = withSession({ prices: [0n] });
  const before = free.state.lanesOf(0).root();
  const gift = free.ack(client, "s", { units: 1n << 60n, count: 9 });
  assert.deepEqual(free.run(free.submitAcks(1, [gift])).acks, ["ACK_NO_CHANGE"]);
  assert.deepEqual(free.state.lanesOf(0).root(), before);
  const { report } = free.close();
  assert.deepEqual([report.lanes, report.deliveries, report.units], [0, 0, 0n]);

  const world = withSession();
  const small = world.ack(client, "s", { units: MICRO - 1n, count: 1 });
  assert.deepEqual(world.run(world.submitAcks(1, [small])).acks, ["ACK_NO_CHANGE"]);
  assert.equal(world.state.lanesOf(0).size, 0);
  const more = world.ack(client, "s", { units: MICRO + 1n, count: 2 });
  const rest = world.ack(client, "s", { units: 2n * MICRO - 1n, count: 3 });
  assert.deepEqual(world.run(world.submitAcks(1, [more, rest])).acks, ["OK", "ACK_NO_CHANGE"]);
  assert.equal(world.state.lanePaid(laneId(laneKeyOf(more.ack))), MICRO + 1n);
  assert.equal(world.close().report.deliveries, 2);
});

test("without money nothing is recorded, and the lane is paid when there is some", () => {
  const world = withSession({ deposits: [[client, 5n]] }, 3n);
  const first = world.ack(client, "s", { units: 3n * MICRO });
  assert.deepEqual(world.run(world.submitAcks(1, [first])).acks, ["OK"]);
  const second = world.ack(client, "s", { units: 2n * MICRO, lane: 1 });
  assert.deepEqual(world.run(world.submitAcks(1, [second])).acks, ["ACK_UNPAID_LIMIT"]);
  assert.equal(world.state.lanesOf(0).size, 1);
  world.run(world.authorize(client, "t"));
  const third = world.ack(client, "t", { units: 9n * MICRO });
  assert.deepEqual(world.run(world.submitAcks(1, [third])).acks, ["ACK_PARTIAL_BALANCE"]);
  assert.equal(world.balance(client), 0n);
  const fourth = world.ack(client, "t", { units: 9n * MICRO, lane: 1 });
  assert.deepEqual(world.run(world.submitAcks(1, [fourth])).acks, ["ACK_UNPAID_BALANCE"]);
  assert.equal(world.state.lanesOf(0).size, 2);
  world.block({ events: [{ type: "deposit", account: client.address, amount: 20n, total: 25n }] });
  assert.deepEqual(world.run(world.submitAcks(1, [third, fourth])).acks, ["OK", "OK"]);
});

test("deliveries count once all units of the acknowledgement are paid", () => {
  const world = withSession({ deposits: [[client, 10n]] });
  const ack = world.ack(client, "s", { units: 25n * MICRO, count: 7 });
  assert.deepEqual(world.run(world.submitAcks(1, [ack])).acks, ["ACK_PARTIAL_BALANCE"]);
  assert.equal(world.state.lanesOf(0).values()[0]?.count, 0);
  assert.equal(world.state.work.values()[0]?.deliveries, 0);
  world.block({ events: [{ type: "deposit", account: client.address, amount: 100n, total: 110n }] });
  assert.deepEqual(world.run(world.submitAcks(1, [ack])).acks, ["OK"]);
  assert.equal(world.state.lanesOf(0).values()[0]?.count, 7);
  assert.equal(world.close().report.deliveries, 7);
});

test("ERR_ACK_LANES: a session is paid for 1,024 lanes at one node in one epoch, and no fewer elsewhere", () => {
  const world = withSession();
  const lane = (number: number, node = 1) => world.ack(client, "s", { units: MICRO, lane: number, node });
  const full = Array.from({ length: MAX_LANES_PER_SESSION }, (_, i) => lane(i));
  assert.ok(world.run(world.submitAcks(1, full)).acks.every((code) => code === "OK"));
  const known = world.ack(client, "s", { units: 2n * MICRO, lane: 5 });
  assert.deepEqual(world.run(world.submitAcks(1, [lane(9999), known])).acks, ["ERR_ACK_LANES", "OK"]);
  assert.deepEqual(world.run(world.submitAcks(2, [lane(9999, 2)])).acks, ["OK"]);
  world.run(world.authorize(client, "t"));
  assert.deepEqual(world.run(world.submitAcks(1, [world.ack(client, "t", { units: MICRO })])).acks, ["OK"]);
  const late = lane(9999);
  world.close();
  assert.deepEqual(world.run(world.submitAcks(1, [lane(9999), late])).acks, ["OK", "ERR_ACK_LANES"]);
  world.close();
  assert.equal(world.state.laneCountsOf(0).size, 0);
});

test("acknowledgements that pay nothing are no transaction of the report", () => {
  const world = withSession();
  const good = world.ack(client, "s", { units: MICRO });
  const bad = world.ack(client, "s", { units: MICRO, lane: 1 }, sessionOf("thief"));
  assert.deepEqual(world.run(world.submitAcks(1, [bad, bad])).code, "OK");
  assert.equal(world.state.meta.value.transactions, 1);
  world.run(world.submitAcks(1, [bad, good]));
  assert.equal(world.state.meta.value.transactions, 2);
  world.run(world.submitAcks(1, [good]));
  assert.equal(world.close().report.transactions, 2);
});
