import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fetchContent } from "#client/actions/fetch-content.ts";
import { FlkError, isFlkError } from "#protocol/errors/error.ts";
import { bytesOf, createWorld, type World } from "#test/node/delivery/support/world.ts";
import { eventually } from "#test/node/support/eventually.ts";

const SIZE = 1 << 20;

let world: World;
before(async () => {
  world = await createWorld({ creditTimeoutMs: 300, submission: { tickMs: 60_000 } });
});
after(() => world.close());
beforeEach(() => {
  world.chain.lockAtOnce = true;
  world.chain.refusal = undefined;
});

/** The node has ended a transfer of this session for want of a reservation. */
const given = (session: Awaited<ReturnType<World["open"]>>) =>
  eventually("the node gave up", async () => (await session.status()).ended !== null);

test("a reservation that is locked after the node gave up waiting for it: the content is taken up where it broke", async () => {
  const bytes = bytesOf(SIZE, 1);
  const hash = await world.put(bytes);
  world.chain.lockAtOnce = false;
  const session = await world.open(world.customer(1));
  const fetching = fetchContent(session, { hash });
  await given(session);
  world.chain.commit();
  assert.deepEqual(await fetching, bytes);
  assert.equal(session.acknowledged.units, BigInt(SIZE));
});

test("a reservation that a node refused as it had just started is made once more", async () => {
  const bytes = bytesOf(SIZE, 2);
  const hash = await world.put(bytes);
  world.chain.refusal = new FlkError("ERR_POOL_FULL", "no room");
  const session = await world.open(world.customer(2));
  const fetching = fetchContent(session, { hash });
  await given(session);
  world.chain.refusal = undefined;
  assert.deepEqual(await fetching, bytes);
  assert.equal(session.acknowledged.units, BigInt(SIZE));
});

test("one that is refused again ends the fetch, which says why", async () => {
  const hash = await world.put(bytesOf(SIZE, 3));
  world.chain.refusal = new FlkError("ERR_POOL_FULL", "no room");
  const session = await world.open(world.customer(3));
  await assert.rejects(fetchContent(session, { hash }), (error) => {
    assert.ok(isFlkError(error, "ERR_RESERVATION_REQUIRED"));
    assert.match(error.message, /ERR_POOL_FULL/);
    return true;
  });
});

test("a client that reserves nothing is told so at once", async () => {
  const hash = await world.put(bytesOf(SIZE, 4));
  const none = await world.open(world.customer(4), { maxReserve: 0n });
  await assert.rejects(fetchContent(none, { hash }), (error) => {
    return isFlkError(error, "ERR_RESERVATION_REQUIRED") && /maxReserve/.test(error.message);
  });
});

for (const late of [false, true]) {
  test(`a signal ends the wait for a reservation, ${late ? "once it waits" : "also one that comes before"}`, async () => {
    const hash = await world.put(bytesOf(SIZE, 6));
    world.chain.lockAtOnce = false;
    const session = await world.open(world.customer(late ? 7 : 6));
    const controller = new AbortController();
    const fetching = fetchContent(session, { hash, signal: controller.signal });
    await given(session);
    if (late) await sleep(100);
    controller.abort();
    await assert.rejects(fetching, (error) => isFlkError(error, "ERR_ABORTED"));
    world.chain.commit();
  });
}
