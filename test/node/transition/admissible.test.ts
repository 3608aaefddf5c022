import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAdmissible } from "#node/transition/execute.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { MAX_TRANSACTION_BYTES } from "#protocol/params/limits.ts";
import { SignedTransaction, TX } from "#protocol/types/transactions.ts";
import { accountOf } from "./support/keys.ts";
import { client, World } from "./support/world.ts";

const world = new World();

function rejects(transaction: Uint8Array, code: string): void {
  const root = world.state.root();
  assert.throws(
    () => assertAdmissible(world.state, transaction),
    (error) => isFlkError(error, code),
  );
  assert.deepEqual(world.state.root(), root);
}

test("signed transactions pass whatever their nonce and balance, and nothing changes", () => {
  const root = world.state.root();
  const body = { account: client.address, nonce: 7, amount: 10n ** 12n };
  assert.equal(
    assertAdmissible(world.state, client.sign(world.network, { kind: TX.withdraw, body })).kind,
    TX.withdraw,
  );
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
});
