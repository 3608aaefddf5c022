import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAdmissible } from "#node/transition/execute.ts";
import { keyOf } from "#node/transition/values.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { ACCOUNT_QUOTA_BYTES, MAX_TRANSACTION_BYTES, NONCE_WINDOW } from "#protocol/params/limits.ts";
import { SignedTransaction, TX } from "#protocol/types/transactions.ts";
import { type Account, accountOf } from "./support/keys.ts";
import { client, staked, World } from "./support/world.ts";

const world = new World();

function rejects(transaction: Uint8Array, code: string): void {
  const root = world.state.root();
  assert.throws(
    () => assertAdmissible(world.state, transaction),
    (error) => isFlkError(error, code),
  );
  assert.deepEqual(world.state.root(), root);
}

const withdraw = (account: Account, nonce: number, amount = 1n) =>
  account.sign(world.network, { kind: TX.withdraw, body: { account: account.address, nonce, amount } });

test("signed transactions pass whatever their amount, with nonces that can soon come, and nothing changes", () => {
  const root = world.state.root();
  for (const nonce of [0, NONCE_WINDOW - 1]) {
    assert.equal(assertAdmissible(world.state, withdraw(client, nonce, 10n ** 12n)).kind, TX.withdraw);
  }
  const acks = world.submitAcks(1, [world.ack(client, "s")]);
  assert.equal(assertAdmissible(world.state, acks).kind, TX.submitAcks);
  assert.deepEqual(world.state.root(), root);
});

test("each rejection has its receipt code", () => {
  const empty = new Uint8Array();
  rejects(empty, "ERR_TX_MALFORMED");
  rejects(new Uint8Array(MAX_TRANSACTION_BYTES + 257), "ERR_TX_TOO_LARGE");
  rejects(SignedTransaction.serialize({ kind: 99, payload: empty, signature: empty }), "ERR_TX_UNKNOWN_KIND");
  rejects(world.submitAcks(1, []), "ERR_NO_ACKS");
  rejects(world.submitAcks(99, [world.ack(client, "s")], world.node(1).network), "ERR_UNKNOWN_NODE");
  rejects(world.submitAcks(1, [world.ack(client, "s")], world.node(2).network), "ERR_BAD_SIGNATURE");
  const body = { account: client.address, nonce: 0, amount: 1n };
  rejects(accountOf("mallory").sign(world.network, { kind: TX.withdraw, body }), "ERR_BAD_SIGNATURE");
  rejects(withdraw(accountOf("mallory"), 0), "ERR_UNKNOWN_ACCOUNT");
  rejects(withdraw(client, NONCE_WINDOW), "ERR_BAD_NONCE");
});

test("what its sender can no longer send is refused: nonce gone, balance too low, quota used up, stake gone", () => {
  const old = withdraw(client, 0);
  assert.equal(world.run(old).code, "OK");
  rejects(old, "ERR_BAD_NONCE");
  const account = world.state.accounts.get(keyOf(client.address)) ?? assert.fail();
  world.state.accounts.put({ ...account, quotaEpoch: world.state.epoch, quotaBytes: ACCOUNT_QUOTA_BYTES });
  rejects(withdraw(client, 1), "ERR_QUOTA_EXCEEDED");
  world.state.accounts.put({ ...account, balance: 0n });
  rejects(withdraw(client, 1), "ERR_MIN_BALANCE");
  world.state.accounts.put(account);

  const opt = (nonce: number) => world.nodeTx({ kind: TX.optOut, body: { node: 3, nonce } });
  assert.equal(assertAdmissible(world.state, opt(NONCE_WINDOW - 1)).kind, TX.optOut);
  rejects(opt(NONCE_WINDOW), "ERR_BAD_NONCE");
  world.block({ events: [staked(3, 1n)] });
  rejects(opt(0), "ERR_NODE_NOT_STAKED");
  rejects(world.submitAcks(3, [world.ack(client, "s", { node: 3 })]), "ERR_NODE_NOT_STAKED");
});
