import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isFlkError } from "#protocol/errors/error.ts";
import { CREDIT_WINDOW_BYTES } from "#protocol/params/limits.ts";
import { fromHex } from "#protocol/types/hex.ts";
import { entry, RawClient } from "./support/raw-client.ts";
import { bytesOf, type Customer, createWorld, type World } from "./support/world.ts";

let world: World;
before(async () => {
  world = await createWorld({ creditTimeoutMs: 1_000, submission: { tickMs: 60_000 } });
});
after(() => world.close());

function revoke(customer: Customer): void {
  const view = world.chain.session(fromHex(customer.account), customer.key.publicKey);
  assert.ok(view);
  view.revoked = true;
  view.expiryEpoch = world.chain.epoch;
}

test("from the block that revokes a key on, nothing new is served for it: no session, no content, no reservation", async () => {
  const customer = world.customer(1);
  const hash = await world.put(bytesOf(1_000, 1));
  const raw = await RawClient.open(world, customer);
  revoke(customer);
  const refused = await raw.get(hash);
  assert.equal(refused.status, 403);
  assert.equal(((await refused.json()) as { code: string }).code, "ERR_SESSION_EXPIRED");
  assert.equal((await raw.reserve(1_000n)).code, "ERR_SESSION_EXPIRED");
  await assert.rejects(RawClient.open(world, customer), (error) => isFlkError(error, "ERR_SESSION_EXPIRED"));
});

test("a transfer that runs ends at the revocation, and what was served of it can be acknowledged", async () => {
  const customer = world.customer(2);
  const raw = await RawClient.open(world, customer);
  assert.equal((await raw.reserve(900_000n)).status, 200);
  const transfer = await raw.begin(await world.put(bytesOf(900_000, 2)));
  assert.equal(await raw.readUntilPause(transfer), "paused");
  assert.equal(transfer.received, CREDIT_WINDOW_BYTES);
  revoke(customer);
  const served = [entry(transfer, 0, CREDIT_WINDOW_BYTES / 2)];
  const first = raw.sign(served);
  assert.equal((await raw.post(first, served)).status, 200);
  assert.equal(await raw.readUntilPause(transfer, 3_000), "broken");
  assert.equal(transfer.received, CREDIT_WINDOW_BYTES);
  assert.equal((await raw.status()).ended?.code, "ERR_SESSION_EXPIRED");
  const rest = [entry(transfer, CREDIT_WINDOW_BYTES / 2, CREDIT_WINDOW_BYTES / 2)];
  assert.equal((await raw.post(raw.sign(rest, first), rest)).status, 200);
});
