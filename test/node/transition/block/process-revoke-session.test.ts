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

test("ERR_SESSION_EXPIRED when it ends with this epoch or has ended", () => {
  const world = new World();
  world.run(world.authorize(client, "s"));
  assert.equal(world.run(revoke(world, "s")).code, "OK");
  assert.equal(world.run(revoke(world, "s")).code, "ERR_SESSION_EXPIRED");
  world.close();
  assert.equal(world.run(revoke(world, "s")).code, "ERR_SESSION_EXPIRED");
});
