import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fetchContent } from "#client/actions/fetch-content.ts";
import type { Credit } from "#node/delivery/credit.ts";
import { SessionTable } from "#node/delivery/sessions.ts";
import { DEFAULT_SUBMISSION } from "#node/delivery/submission.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { eventually } from "#test/node/support/eventually.ts";
import { RawClient } from "./support/raw-client.ts";
import { bytesOf, createWorld, shiftableClock, type World } from "./support/world.ts";

const MINUTE = 60_000;
const clock = shiftableClock();
let world: World;

before(async () => {
  world = await createWorld({ clock, submission: { ...DEFAULT_SUBMISSION, tickMs: 3_600_000 } });
});
after(() => world.close());

test("acknowledgements are handed in, and again, when they would have been, however the time of day is set", async () => {
  const session = await world.open(world.customer(1), { lane: 0 });
  await fetchContent(session, { hash: await world.put(bytesOf(100_000, 1)) });
  clock.step(10 * MINUTE);
  await world.delivery.flush();
  assert.equal(world.chain.submissions, 0, "others may come");
  clock.step(-20 * MINUTE);
  clock.shift(DEFAULT_SUBMISSION.batchMs + 1);
  await world.delivery.flush();
  assert.equal(world.chain.submissions, 1);
  world.chain.waiting.splice(0);
  clock.step(10 * MINUTE);
  await world.delivery.flush();
  assert.equal(world.chain.submissions, 1, "its receipt may come");
  clock.step(-10 * MINUTE);
  clock.shift(DEFAULT_SUBMISSION.resubmitMs + 1);
  await world.delivery.flush();
  assert.equal(world.chain.submissions, 2);
  world.chain.commit();
  await world.delivery.flush();
  assert.equal(world.delivery.status().revenue.paid, 100_000n);
});

test("a reservation is waited for as long as it may take: a step of the time of day neither ends nor holds it", async () => {
  const raw = await RawClient.open(world, world.customer(2, { balance: 10_000n }));
  world.chain.lockAtOnce = false;
  try {
    const first = raw.reserve(4_000n);
    await eventually("it is submitted", () => world.chain.waiting.length === 1);
    clock.step(MINUTE);
    world.chain.commit();
    assert.equal((await first).status, 200);
    const second = raw.reserve(5_000n);
    await eventually("it is submitted", () => world.chain.waiting.length === 1);
    clock.step(-2 * MINUTE);
    clock.shift(15_001);
    assert.equal((await second).code, "ERR_RESERVATION_TIMEOUT");
  } finally {
    world.chain.lockAtOnce = true;
  }
});

test("a session lives until it was idle for its time", () => {
  const table = new SessionTable(clock, { maxSessions: 1, idleMs: MINUTE });
  const credit = { transfers: new Map() } as unknown as Credit;
  const request = { account: new Uint8Array(20) } as Parameters<SessionTable["open"]>[0];
  const { id } = table.open(request, credit);
  clock.step(2 * MINUTE);
  assert.equal(table.get(id).credit, credit);
  clock.step(-4 * MINUTE);
  clock.shift(MINUTE + 1);
  assert.throws(
    () => table.get(id),
    (error) => isFlkError(error, "ERR_SESSION_UNKNOWN"),
  );
});
