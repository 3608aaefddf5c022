import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fetchContent } from "#client/actions/fetch-content.ts";
import { bytesOf, createWorld, type World } from "#test/node/delivery/support/world.ts";

let world: World;
before(async () => {
  world = await createWorld({ submission: { tickMs: 20, batchMs: 60 } });
});
after(() => world.close());

test("a content of many windows arrives whole, is acknowledged to the byte and paid to the micro-USD", async () => {
  const customer = world.customer(1);
  const bytes = bytesOf(3_000_001, 1);
  const hash = await world.put(bytes);
  const session = await world.open(customer);
  const got = await fetchContent(session, { hash });
  assert.deepEqual(got, bytes);
  assert.equal(session.acknowledged.units, 3_000_001n);
  assert.equal(world.delivery.status().acks.refused, 0);
  await world.delivery.flush();
  while (world.chain.paidUnits() < 3_000_001n) {
    world.chain.commit();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await world.delivery.flush();
  const { revenue } = world.delivery.status();
  assert.equal(revenue.units, 3_000_001n);
  assert.equal(revenue.paid, 3_000_001n);
  assert.equal(world.chain.accounts.get(customer.account)?.balance, 1_000_000_000n - 3_000_001n);
});
