import assert from "node:assert/strict";
import { test } from "node:test";
import { accountOf, sessionOf } from "../support/keys.ts";
import { client, World } from "../support/world.ts";

test("an authorised key shows its limit and expiry", () => {
  const world = new World();
  assert.equal(world.run(world.authorize(client, "s", { limit: 77n, expiryEpoch: 3 })).code, "OK");
  assert.deepEqual(world.state.session(client.address, sessionOf("s").publicKey), {
    account: client.address,
    key: sessionOf("s").publicKey,
    expiryEpoch: 3,
    revoked: false,
    limit: 77n,
    spent: 0n,
    spentPrevious: 0n,
    reserved: 0n,
    reservedPrevious: 0n,
  });
});

test("one key may serve two accounts", () => {
  const other = accountOf("other");
  const world = new World({
    deposits: [
      [client, 1n],
      [other, 1n],
    ],
  });
  assert.equal(world.run(world.authorize(client, "s")).code, "OK");
  assert.equal(world.run(world.authorize(other, "s")).code, "OK");
});

test("ERR_SESSION_SCHEME", () => {
  const world = new World();
  assert.equal(world.run(world.authorize(client, "s", { scheme: 1 })).code, "ERR_SESSION_SCHEME");
});

test("ERR_AMOUNT_ZERO for a session that may spend nothing", () => {
  const world = new World();
  assert.equal(world.run(world.authorize(client, "s", { limit: 0n })).code, "ERR_AMOUNT_ZERO");
});

test("ERR_SESSION_EXPIRY_PAST from the epoch after the expiry on", () => {
  const world = new World();
  world.close();
  assert.equal(world.run(world.authorize(client, "s", { expiryEpoch: 0 })).code, "ERR_SESSION_EXPIRY_PAST");
  assert.equal(world.run(world.authorize(client, "s", { expiryEpoch: 1 })).code, "OK");
});

test("ERR_SESSION_EXISTS: a key serves an account once, also after it expired", () => {
  const world = new World();
  assert.equal(world.run(world.authorize(client, "s", { expiryEpoch: 0 })).code, "OK");
  assert.equal(world.run(world.authorize(client, "s")).code, "ERR_SESSION_EXISTS");
  world.close();
  assert.equal(world.run(world.authorize(client, "s")).code, "ERR_SESSION_EXISTS");
});
