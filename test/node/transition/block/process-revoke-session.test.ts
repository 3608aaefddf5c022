import assert from "node:assert/strict";
import { test } from "node:test";
import { TX } from "#protocol/types/transactions.ts";
import { sessionOf } from "../support/keys.ts";
import { client, World } from "../support/world.ts";

function revoke(world: World, name: string): Uint8Array {
  const nonce = world.state.account(client.address)?.nonce ?? 0;
  const key = sessionOf(name).publicKey;
  return client.sign(world.network, {
    kind: TX.revokeSession,
    body: { account: client.address, nonce, key },
  });
}

test("a revoked session expires with the current epoch: what it acknowledges until then is still paid, later not", () => {
  const world = new World();
  world.run(world.authorize(client, "s"));
  assert.equal(world.run(revoke(world, "s")).code, "OK");
  assert.equal(world.state.session(client.address, sessionOf("s").publicKey)?.expiryEpoch, 0);
  const first = world.ack(client, "s", { units: 1_000_000n });
  const late = world.ack(client, "s", { units: 2_000_000n });
  assert.deepEqual(world.run(world.submitAcks(1, [first])).acks, ["OK"]);
  world.close();
  assert.deepEqual(world.run(world.submitAcks(1, [late])).acks, ["OK"]);
  const after = world.ack(client, "s", { units: 1_000n });
  assert.deepEqual(world.run(world.submitAcks(1, [after])).acks, ["ERR_ACK_SESSION_EXPIRED"]);
  assert.equal(world.balance(client), 1_000_000n - 2_000n);
});

test("ERR_UNKNOWN_SESSION", () => {
  const world = new World();
  assert.equal(world.run(revoke(world, "never")).code, "ERR_UNKNOWN_SESSION");
});

test("a revoked session reserves no more, nor do the keys it delegated to; what it reserved before pays", () => {
  const world = new World();
  world.run(world.authorize(client, "s", { limit: 10_000n }));
  assert.equal(world.run(world.reserve(client, "s", { amount: 1_000n })).code, "OK");
  const delegations = [world.delegate(client, "s", "page")];
  assert.equal(world.run(world.reserve(client, "page", { amount: 200n }, { delegations })).code, "OK");
  assert.equal(world.run(revoke(world, "s")).code, "OK");
  assert.equal(world.run(world.reserve(client, "s", { amount: 2_000n })).code, "ERR_SESSION_EXPIRED");
  const more = world.reserve(client, "page", { amount: 300n }, { delegations });
  assert.equal(world.run(more).code, "ERR_SESSION_EXPIRED");
  const served = world.ack(client, "s", { units: 900_000n });
  assert.deepEqual(world.run(world.submitAcks(1, [served])).acks, ["OK"]);
});

test("a session that ends with this epoch anyway can be revoked in it", () => {
  const world = new World();
  world.run(world.authorize(client, "s", { expiryEpoch: 0 }));
  assert.equal(world.run(revoke(world, "s")).code, "OK");
  assert.equal(world.run(world.reserve(client, "s", { amount: 200n })).code, "ERR_SESSION_EXPIRED");
});

test("ERR_SESSION_EXPIRED when it was revoked or has ended", () => {
  const world = new World();
  world.run(world.authorize(client, "s"));
  assert.equal(world.run(revoke(world, "s")).code, "OK");
  assert.equal(world.run(revoke(world, "s")).code, "ERR_SESSION_EXPIRED");
  world.close();
  assert.equal(world.run(revoke(world, "s")).code, "ERR_SESSION_EXPIRED");
});
