import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fetchContent } from "#client/actions/fetch-content.ts";
import { type LaneStore, memoryLaneStore, type StoredLane } from "#client/session/lane-store.ts";
import { streamContent } from "#client/session/stream.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { LATE_ACK_MS } from "#protocol/params/limits.ts";
import { SignedAck } from "#protocol/types/ack.ts";
import { decode } from "#protocol/types/codec.ts";
import { fromHex } from "#protocol/types/hex.ts";
import { bytesOf, createWorld, shiftableClock, type World } from "#test/node/delivery/support/world.ts";

const clock = shiftableClock();
let world: World;
before(async () => {
  world = await createWorld({ clock, creditTimeoutMs: 2_000, submission: { tickMs: 60_000 } });
});
after(() => world.close());

/** Keeps every acknowledgement ever saved: (epoch, count) → bytes. */
function watchedStore(
  inner: LaneStore = memoryLaneStore(),
): LaneStore & { signed: Map<string, Set<string>> } {
  const signed = new Map<string, Set<string>>();
  return {
    ...inner,
    signed,
    save: (lane, state: StoredLane) => {
      const { ack } = decode(SignedAck, fromHex(state.signed));
      const id = `${lane}/${ack.epoch}/${ack.count}`;
      signed.set(id, (signed.get(id) ?? new Set()).add(state.signed));
      return inner.save(lane, state);
    },
  };
}

const assertNoConflict = (store: ReturnType<typeof watchedStore>): void => {
  for (const [id, variants] of store.signed) assert.equal(variants.size, 1, `two acknowledgements for ${id}`);
};

test("a client that lost its state resumes from the node's newest acknowledgement", async () => {
  const customer = world.customer(1);
  const hash = await world.put(bytesOf(500_000, 1));
  const first = await world.open(customer);
  await fetchContent(first, { hash });
  const { count } = first.acknowledged;
  const again = await world.open(customer, { store: memoryLaneStore() });
  assert.deepEqual([again.acknowledged.count, again.acknowledged.units], [count, 500_000n]);
  await fetchContent(again, { hash });
  assert.equal(again.acknowledged.units, 1_000_000n);
});

test("a client that went away in the middle acknowledges what was on its way, and goes on", async () => {
  const customer = world.customer(2);
  const store = watchedStore();
  const hash = await world.put(bytesOf(900_000, 2));
  const session = await world.open(customer, { store });
  for await (const _ of streamContent(session, { hash })) break;
  const again = await world.open(customer, { store });
  await fetchContent(again, { hash });
  const { revenue, bytesServed } = world.delivery.status();
  assert.ok(again.acknowledged.units >= 900_000n);
  assert.ok(revenue.units <= bytesServed);
  assertNoConflict(store);
});

test("a session survives a restart of the node: same lane, no byte twice, nothing signed twice", async () => {
  const customer = world.customer(3);
  const store = watchedStore();
  const bytes = bytesOf(4_000_000, 3);
  const hash = await world.put(bytes);
  const session = await world.open(customer, { store });
  const got: Uint8Array[] = [];
  let restarted = false;
  for await (const chunk of streamContent(session, { hash })) {
    got.push(chunk);
    if (!restarted && got.reduce((n, c) => n + c.length, 0) > 1_000_000) {
      restarted = true;
      await world.restart();
    }
  }
  assert.ok(restarted);
  assert.deepEqual(new Uint8Array(Buffer.concat(got)), bytes);
  assert.equal(session.acknowledged.units, 4_000_000n);
  assertNoConflict(store);
});

test("an epoch's turn in the middle of a transfer starts the new epoch's lane, and every byte is acknowledged once", async () => {
  const customer = world.customer(4);
  const store = watchedStore();
  const bytes = bytesOf(3_000_000, 4);
  const hash = await world.put(bytes);
  const session = await world.open(customer, { store });
  const epoch = world.chain.epoch;
  let received = 0;
  let turned = false;
  for await (const chunk of streamContent(session, { hash })) {
    received += chunk.length;
    if (!turned && received > 1_000_000) {
      turned = true;
      world.chain.turn();
    }
  }
  assert.equal(session.acknowledged.epoch, epoch + 1);
  const request = {
    account: fromHex(customer.account),
    key: customer.key.publicKey,
    lane: 0,
    service: 0,
    commodity: 0,
  };
  const held = world.delivery.newest(request);
  assert.equal(held.length, 2);
  assert.equal(
    held.reduce((sum, { ack }) => sum + ack.units, 0n),
    3_000_000n,
  );
  assertNoConflict(store);
});

test("a client that slept over an epoch's end moves on when the node refuses the old epoch", async () => {
  const customer = world.customer(5);
  const hash = await world.put(bytesOf(300_000, 5));
  const session = await world.open(customer);
  await fetchContent(session, { hash });
  world.chain.turn();
  clock.shift(LATE_ACK_MS + 1);
  await fetchContent(session, { hash });
  assert.deepEqual([session.acknowledged.epoch, session.acknowledged.units], [world.chain.epoch, 300_000n]);
});

test("concurrent transfers in one session, and concurrent lanes, all arrive without a deadlock", async () => {
  const customer = world.customer(6);
  const contents = await Promise.all([1, 2, 3, 4, 5].map((n) => world.put(bytesOf(600_000, 60 + n))));
  const sessions = await Promise.all([0, 1, 2].map((lane) => world.open(customer, { lane })));
  const all = sessions.flatMap((session) => contents.map((hash) => fetchContent(session, { hash })));
  assert.deepEqual(
    (await Promise.all(all)).map((c) => c.length),
    Array(15).fill(600_000),
  );
  const units = sessions.reduce((sum, session) => sum + session.acknowledged.units, 0n);
  assert.equal(units, 9_000_000n);
});

test("more transfers than a node runs at once for one key wait their turn, and all arrive", async () => {
  const customer = world.customer(16);
  const session = await world.open(customer);
  const contents = await Promise.all(
    Array.from({ length: 30 }, (_, n) => world.put(bytesOf(50_000, 200 + n))),
  );
  const fetched = await Promise.all(contents.map((hash) => fetchContent(session, { hash })));
  assert.deepEqual(
    fetched.map((content) => content.length),
    Array(30).fill(50_000),
  );
});

test("two acknowledgements with one count on disk and at the node stop the lane with ERR_LANE_STATE", async () => {
  const customer = world.customer(7);
  const hash = await world.put(bytesOf(100_000, 7));
  const other = await world.put(bytesOf(100_001, 8));
  const before = memoryLaneStore();
  await fetchContent(await world.open(customer, { store: before }), { hash });
  const elsewhere = await createWorld();
  try {
    const impostor = elsewhere.customer(7);
    elsewhere.chain.epoch = world.chain.epoch;
    await elsewhere.put(bytesOf(100_001, 8));
    const store = memoryLaneStore();
    await fetchContent(await elsewhere.open(impostor, { store }), { hash: other });
    await assert.rejects(world.open(customer, { store }), (error) => isFlkError(error, "ERR_LANE_STATE"));
  } finally {
    await elsewhere.close();
  }
});
