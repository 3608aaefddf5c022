import assert from "node:assert/strict";
import { test } from "node:test";
import { CHANGE } from "#protocol/types/block.ts";
import { TX } from "#protocol/types/transactions.ts";
import { accountOf } from "../support/keys.ts";
import { client, World } from "../support/world.ts";

const friend = accountOf("friend");

function transfer(world: World, amount: bigint, to = friend.address, nonce?: number): Uint8Array {
  const next = nonce ?? world.state.account(client.address)?.nonce ?? 0;
  return client.sign(world.network, {
    kind: TX.transfer,
    body: { account: client.address, nonce: next, to, amount },
  });
}

test("a transfer moves the amount, makes the receiver and reports both changes", () => {
  const world = new World();
  const { code, receipt } = world.run(transfer(world, 400_000n));
  assert.equal(code, "OK");
  assert.equal(world.balance(client), 600_000n);
  assert.equal(world.balance(friend), 400_000n);
  assert.deepEqual(receipt.changes, [
    { account: client.address, reason: CHANGE.transferOut, delta: 400_000n, balance: 600_000n },
    { account: friend.address, reason: CHANGE.transferIn, delta: 400_000n, balance: 400_000n },
  ]);
});

test("the whole balance can be transferred, and not one micro-USD more: ERR_INSUFFICIENT_BALANCE", () => {
  const world = new World();
  assert.equal(world.run(transfer(world, 1_000_001n)).code, "ERR_INSUFFICIENT_BALANCE");
  assert.equal(world.balance(client), 1_000_000n);
  assert.equal(world.run(transfer(world, 1_000_000n)).code, "OK");
  assert.equal(world.balance(client), 0n);
});

test("ERR_AMOUNT_ZERO", () => {
  const world = new World();
  assert.equal(world.run(transfer(world, 0n)).code, "ERR_AMOUNT_ZERO");
});

test("ERR_SELF_TRANSFER is about the address: two accounts with equal contents may transfer", () => {
  const world = new World({
    deposits: [
      [client, 5n],
      [friend, 5n],
    ],
  });
  assert.equal(world.run(transfer(world, 5n, client.address)).code, "ERR_SELF_TRANSFER");
  assert.equal(world.run(transfer(world, 5n)).code, "OK");
});

test("a rejected transfer uses up its nonce, so that no one can apply it when the money is there", () => {
  const world = new World({
    deposits: [
      [client, 1n],
      [friend, 9n],
    ],
  });
  const early = transfer(world, 5n);
  assert.equal(world.run(early).code, "ERR_INSUFFICIENT_BALANCE");
  const topUp = friend.sign(world.network, {
    kind: TX.transfer,
    body: { account: friend.address, nonce: 0, to: client.address, amount: 9n },
  });
  assert.equal(world.run(topUp).code, "OK");
  assert.equal(world.run(early).code, "ERR_BAD_NONCE");
  assert.equal(world.balance(client), 10n);
});
