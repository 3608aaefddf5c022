import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { fetchContent } from "#client/actions/fetch-content.ts";
import { ed25519Signer } from "#crypto";
import { inTransactions } from "#node/delivery/submission.ts";
import type { LaneState } from "#node/delivery/types.ts";
import type { AccountView } from "#node/interface/chain-view.ts";
import { signNodeTransaction } from "#protocol/digests/transactions.ts";
import { FlkError } from "#protocol/errors/error.ts";
import { MAX_TRANSACTION_BYTES } from "#protocol/params/limits.ts";
import { SignedAck, SignedDelegation } from "#protocol/types/ack.ts";
import { TX } from "#protocol/types/transactions.ts";
import { eventually } from "#test/node/support/eventually.ts";
import { network } from "./support/raw-client.ts";
import { bytesOf, createWorld, filled, shiftableClock, type World } from "./support/world.ts";

const clock = shiftableClock();
const quiet = { tickMs: 60_000 };
let world: World;
beforeEach(async () => {
  world = await createWorld({ clock, submission: quiet });
});
afterEach(() => world.close());

async function deliver(id: number, size: number, lane = 0, maxReserve = 10n ** 15n): Promise<void> {
  const session = await world.open(world.customer(id), { lane, maxReserve });
  await fetchContent(session, { hash: await world.put(bytesOf(size, id)) });
}

test("many acknowledgements of many lanes become one transaction with the newest of each", async () => {
  await Promise.all([deliver(1, 400_000), deliver(1, 300_000, 1), deliver(2, 200_000)]);
  await world.delivery.flush();
  assert.equal(world.chain.submissions, 0, "they wait for others first");
  clock.shift(3_001);
  await world.delivery.flush();
  assert.equal(world.chain.submissions, 1);
  world.chain.commit();
  assert.equal(world.chain.paidUnits(), 900_000n);
  await world.delivery.flush();
  const { revenue } = world.delivery.status();
  assert.deepEqual(
    [revenue.lanes, revenue.earned, revenue.submitted, revenue.accepted, revenue.paid, revenue.lost],
    [3, 900_000n, 900_000n, 900_000n, 900_000n, {}],
  );
  assert.equal(world.metrics.value("flk_delivery_revenue_micro_usd", { state: "paid" }), 900_000);
});

test("nothing waits when the epoch's end is near, and what misses it is paid in the next epoch", async () => {
  await deliver(1, 100_000);
  world.chain.epochEnd = clock.now() + 1_000;
  await world.delivery.flush();
  assert.equal(world.chain.submissions, 1);
  world.chain.turn();
  world.chain.commit();
  assert.equal(world.chain.paidUnits(), 100_000n);
  await deliver(2, 50_000);
  world.chain.epochEnd = Number.MAX_SAFE_INTEGER;
  world.chain.turn();
  await eventually("the epoch's end hands in what waits", () => world.chain.submissions === 2);
  world.chain.commit();
  await world.delivery.flush();
  assert.equal(world.delivery.status().revenue.paid, 150_000n);
});

test("a pool that refuses, and a transaction that gets lost, are tried again", async () => {
  await deliver(1, 100_000);
  clock.shift(3_001);
  world.chain.refusal = new FlkError("ERR_POOL_FULL", "full");
  await world.delivery.flush();
  world.chain.refusal = undefined;
  clock.shift(200_000);
  await world.delivery.flush();
  assert.equal(world.chain.submissions, 1);
  world.chain.waiting.splice(0);
  clock.shift(10_001);
  await world.delivery.flush();
  assert.equal(world.chain.submissions, 2);
  world.chain.commit();
  await world.delivery.flush();
  assert.equal(world.delivery.status().revenue.paid, 100_000n);
});

test("after a restart it goes on from the store", async () => {
  await deliver(1, 100_000);
  await world.restart();
  clock.shift(3_001);
  await world.delivery.flush();
  clock.shift(3_001);
  await world.delivery.flush();
  world.chain.commit();
  assert.equal(world.chain.paidUnits(), 100_000n);
  await world.restart();
  clock.shift(3_001);
  await world.delivery.flush();
  assert.equal(world.chain.submissions, 1, "what is paid is not handed in again");
});

test("what costs nothing yet is handed in with what comes after it, and no sooner", async () => {
  const [service] = world.chain.serviceViews;
  assert.ok(service);
  service.prices = [1_000n, 5n];
  await deliver(1, 100_000);
  clock.shift(3_001);
  await world.delivery.flush();
  assert.equal(world.chain.submissions, 0);
  await deliver(1, 900_000);
  clock.shift(3_001);
  await world.delivery.flush();
  assert.equal(world.chain.submissions, 1);
  world.chain.commit();
  assert.equal(world.chain.paidUnits(), 1_000_000n);
});

/** Hands in what waits, lets the chain take it and looks at what became of it. */
async function settle(): Promise<void> {
  await world.delivery.flush();
  world.chain.commit();
  await world.delivery.flush();
}

async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 15_000) {
    clock.shift(15_001);
    await settle();
  }
}

function onlyAccount(): AccountView {
  const [account] = world.chain.accounts.values();
  return account ?? assert.fail("no account");
}

const warnings = (event: string): number =>
  world.logger.lines.filter((line) => line.event === event && line.level === "warn").length;

test("lanes that nobody can pay are not handed in again for an hour, and then paid when there is money", async () => {
  await Promise.all(Array.from({ length: 20 }, (_, i) => deliver(i + 1, 50_000, 0, 0n)));
  const accounts = [...world.chain.accounts.values()];
  for (const account of accounts) account.balance = 0n;
  clock.shift(3_001);
  await settle();
  assert.equal(world.chain.submissions, 1);
  await pass(3_600_000);
  assert.equal(world.chain.submissions, 1);
  assert.equal(warnings("acks.not_paid"), 20, "each is said once");
  for (const account of accounts.slice(1)) account.balance = 50_000n;
  await settle();
  assert.equal(world.chain.submissions, 2);
  assert.equal(world.chain.paidUnits(), 950_000n);
  assert.deepEqual(world.delivery.status().revenue.lost, {});
});

test("what is refused though the chain shows money waits twice as long each time", async () => {
  await deliver(1, 100_000, 0, 0n);
  // the rest of it is withdrawn each time before the block comes to the acknowledgement
  onlyAccount().balance = 10n;
  clock.shift(3_001);
  await settle();
  await pass(3_600_000);
  // after 15 s, 30 s, … 16 min
  assert.equal(world.chain.submissions, 8);
  assert.equal(warnings("acks.not_paid"), 1);
});

test("what the chain cannot pay is tried once more before its window ends, then counted as lost by its reason", async () => {
  await deliver(1, 100_000, 0, 0n);
  onlyAccount().balance = 0n;
  clock.shift(3_001);
  await settle();
  world.chain.turn();
  await pass(60_000);
  assert.equal(world.chain.submissions, 1);
  world.chain.epochEnd = clock.now() + 14_000;
  await settle();
  assert.equal(world.chain.submissions, 2);
  world.chain.epochEnd = clock.now() + 14_000;
  await pass(60_000);
  assert.equal(world.chain.submissions, 2);
  world.chain.turn();
  await world.delivery.flush();
  const { revenue } = world.delivery.status();
  assert.deepEqual([revenue.paid, revenue.lost], [0n, { ACK_UNPAID_BALANCE: 100_000n }]);
});

test("what nothing can change is handed in once, and counted as lost by its code", async () => {
  await deliver(1, 100_000, 0, 0n);
  const sessions = [...world.chain.sessions];
  world.chain.sessions.clear();
  clock.shift(3_001);
  await settle();
  for (const [id, session] of sessions) world.chain.sessions.set(id, session);
  await pass(300_000);
  world.chain.turn();
  world.chain.epochEnd = clock.now() + 14_000;
  await pass(60_000);
  assert.equal(world.chain.submissions, 1);
  world.chain.turn();
  await world.delivery.flush();
  assert.deepEqual(world.delivery.status().revenue.lost, { ERR_ACK_UNKNOWN_SESSION: 100_000n });
});

test("acknowledgements of delegated keys are cut into transactions by bytes, those of others by number", () => {
  const lane = (n: number, delegated: boolean): LaneState => {
    const signed = SignedAck.defaultValue();
    signed.ack.session = filled(32, 0);
    new DataView(signed.ack.session.buffer).setUint32(0, delegated ? n : 0);
    const delegation = SignedDelegation.defaultValue();
    return { id: filled(32, 0), idKey: String(n), signed, price: 1n, ...(delegated && { delegation }) };
  };
  const many = (count: number, delegated: boolean) =>
    Array.from({ length: count }, (_, n) => lane(n, delegated));
  assert.deepEqual(inTransactions([]), []);
  assert.deepEqual(
    inTransactions(many(2_500, false)).map((part) => part.length),
    [1_024, 1_024, 452],
  );
  const mixed = [...many(900, true), ...many(900, false), ...many(900, true)];
  const parts = inTransactions(mixed);
  assert.deepEqual(parts.flat(), mixed);
  const signer = ed25519Signer(filled(32, 1));
  const sizes = parts.map((part) => {
    const delegations = new Map(
      part.flatMap((l) => (l.delegation ? [[l.signed.ack.session.join(), l.delegation]] : [])),
    );
    const body = {
      node: 1,
      sequence: 1,
      acks: part.map((l) => l.signed),
      delegations: [...delegations.values()],
    };
    return signNodeTransaction(network, { kind: TX.submitAcks, body }, signer).length;
  });
  assert.ok(sizes.every((size) => size <= MAX_TRANSACTION_BYTES + 256));
  assert.ok(sizes.slice(0, -1).every((size) => size > MAX_TRANSACTION_BYTES / 2));
});

test("lanes of one delegated key that need different delegations go in different transactions", () => {
  const lane = (n: number, epoch: number): LaneState => {
    const signed = SignedAck.defaultValue();
    signed.ack.epoch = epoch;
    const delegation = SignedDelegation.defaultValue();
    Object.assign(delegation.delegation, { from: epoch, to: epoch });
    return { id: filled(32, n), idKey: String(n), signed, price: 1n, delegation };
  };
  const due = [lane(0, 3), lane(1, 4), lane(2, 3), lane(3, 4)];
  assert.deepEqual(
    inTransactions(due).map((part) => part.map(({ idKey }) => idKey)),
    [
      ["0", "2"],
      ["1", "3"],
    ],
  );
});
