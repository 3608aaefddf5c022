import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fetchContent } from "#client/actions/fetch-content.ts";
import { streamContent } from "#client/session/stream.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { bytesOf, createWorld, type World } from "#test/node/delivery/support/world.ts";

const PRICE = 1_000_000_000n;
let world: World;
before(async () => {
  world = await createWorld();
});
after(() => world.close());

const tooHigh = (error: unknown): boolean => isFlkError(error, "ERR_PRICE_TOO_HIGH");

/** The next epoch's price. */
function turnTo(price: bigint): void {
  world.chain.turn();
  const [service] = world.chain.serviceViews;
  if (service) service.prices = [price, 5n];
}

test("a price above the client's is refused when the session opens", async () => {
  turnTo(PRICE);
  await assert.rejects(world.open(world.customer(1), { maxPrice: PRICE - 1n }), tooHigh);
  await world.open(world.customer(1), { maxPrice: PRICE });
});

test("a stream ends when the price rises at an epoch's turn, and nothing is signed in the new epoch", async () => {
  turnTo(PRICE);
  const hash = await world.put(bytesOf(3_000_000, 2));
  const session = await world.open(world.customer(2));
  const old = world.chain.epoch;
  let received = 0;
  const read = async (): Promise<void> => {
    for await (const chunk of streamContent(session, { hash })) {
      received += chunk.length;
      if (received > 1_000_000 && world.chain.epoch === old) turnTo(PRICE + 1n);
    }
  };
  await assert.rejects(read(), tooHigh);
  assert.equal(session.acknowledged.epoch, old);
  assert.equal([...world.chain.reservations.values()].filter(({ epoch }) => epoch > old).length, 0);
});

test("a session goes on at a price that rises within the client's, and at one that falls", async () => {
  turnTo(PRICE);
  const session = await world.open(world.customer(3), { maxPrice: 2n * PRICE });
  for (const price of [2n * PRICE, 1n]) {
    turnTo(price);
    await fetchContent(session, { hash: await world.put(bytesOf(300_000, Number(price % 7n))) });
  }
  assert.equal(session.acknowledged.epoch, world.chain.epoch);
});
