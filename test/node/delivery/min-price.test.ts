import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isFlkError } from "#protocol/errors/error.ts";
import { RawClient } from "./support/raw-client.ts";
import { bytesOf, createWorld, type World } from "./support/world.ts";

const PRICE = 1_000_000_000n;
let world: World;
before(async () => {
  world = await createWorld({ minPrices: [PRICE], submission: { tickMs: 60_000 } });
});
after(() => world.close());

function setPrice(price: bigint): void {
  const [service] = world.chain.serviceViews;
  if (service) service.prices = [price, 5n];
}

test("a service that pays the minimum is served", async () => {
  setPrice(PRICE);
  await world.open(world.customer(1));
});

test("ERR_PRICE_TOO_LOW at the handshake when it pays less, with what the node asks", async () => {
  setPrice(PRICE - 1n);
  await assert.rejects(
    world.open(world.customer(2)),
    (error) => isFlkError(error, "ERR_PRICE_TOO_LOW") && error.message.includes(String(PRICE)),
  );
});

test("an open session is refused from the epoch on in which the price falls, and served again when it rises", async () => {
  setPrice(PRICE);
  const raw = await RawClient.open(world, world.customer(3));
  const hash = await world.put(bytesOf(1_000, 3));
  setPrice(PRICE - 1n);
  const refused = await raw.get(hash);
  assert.equal(refused.status, 402);
  assert.equal(((await refused.json()) as { code: string }).code, "ERR_PRICE_TOO_LOW");
  setPrice(PRICE);
  assert.equal((await raw.get(hash)).status, 200);
});

test("the minimum is of its commodity alone", async () => {
  setPrice(PRICE);
  await world.open(world.customer(4), { commodity: 1 });
});
