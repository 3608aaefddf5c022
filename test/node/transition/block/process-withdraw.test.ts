import assert from "node:assert/strict";
import { test } from "node:test";
import { CHANGE } from "#protocol/types/block.ts";
import { TX } from "#protocol/types/transactions.ts";
import { client, World } from "../support/world.ts";

function withdraw(world: World, amount: bigint): Uint8Array {
  const nonce = world.state.account(client.address)?.nonce ?? 0;
  return client.sign(world.network, { kind: TX.withdraw, body: { account: client.address, nonce, amount } });
}

test("a withdrawal turns balance into payout that the next settlement names", () => {
  const world = new World();
  const { code, receipt } = world.run(withdraw(world, 250_000n));
  assert.equal(code, "OK");
  assert.deepEqual(receipt.changes, [
    { account: client.address, reason: CHANGE.withdraw, delta: 250_000n, balance: 750_000n },
  ]);
  assert.deepEqual(world.payout(client.address), { stable: 250_000n, flk: 0n });
  const { report, settlement } = world.close();
  assert.deepEqual(report.payouts, [{ account: client.address, stable: 250_000n, flk: 0n }]);
  assert.equal(settlement.totalPayoutStable, 250_000n);
  assert.equal(settlement.totalBalances, 750_000n);
});

test("ERR_AMOUNT_ZERO and ERR_INSUFFICIENT_BALANCE", () => {
  const world = new World();
  assert.equal(world.run(withdraw(world, 0n)).code, "ERR_AMOUNT_ZERO");
  assert.equal(world.run(withdraw(world, 1_000_001n)).code, "ERR_INSUFFICIENT_BALANCE");
  assert.deepEqual(world.payout(client.address), { stable: 0n, flk: 0n });
});
