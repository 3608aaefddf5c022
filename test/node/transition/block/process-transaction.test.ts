import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { processTransaction } from "#node/transition/block/process-transaction.ts";
import { signatureVerifier } from "#node/transition/block/signatures.ts";
import { transactionId } from "#protocol/digests/ids.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { RECEIPT_CODES } from "#protocol/errors/codes.ts";
import { MAX_TRANSACTION_BYTES } from "#protocol/params/limits.ts";
import { SignedAck } from "#protocol/types/ack.ts";
import { Participation, SignedTransaction, SubmitAcks, TX, Withdraw } from "#protocol/types/transactions.ts";
import { accountOf } from "../support/keys.ts";
import { client, World } from "../support/world.ts";

const body = { account: client.address, nonce: 0, amount: 5n };

test("ERR_TX_MALFORMED: bytes that are no transaction get a receipt with kind 0 and their own id", () => {
  const world = new World();
  const bytes = new Uint8Array([1, 2, 3]);
  const { code, receipt } = world.run(bytes);
  assert.equal(code, "ERR_TX_MALFORMED");
  assert.equal(receipt.kind, 0);
  assert.deepEqual(receipt.txId, transactionId(bytes));
});

test("ERR_TX_MALFORMED for a payload of another kind, and for trailing bytes in it", () => {
  const world = new World();
  const payload = Withdraw.serialize(body);
  const signature = new Uint8Array(65);
  const as = (kind: number, bytes: Uint8Array) =>
    SignedTransaction.serialize({ kind, payload: bytes, signature });
  assert.equal(world.run(as(TX.transfer, payload)).code, "ERR_TX_MALFORMED");
  assert.equal(world.run(as(TX.withdraw, Uint8Array.of(...payload, 0))).code, "ERR_TX_MALFORMED");
  assert.equal(world.run(as(TX.withdraw, new Uint8Array())).code, "ERR_TX_MALFORMED");
});

test("ERR_TX_UNKNOWN_KIND", () => {
  const world = new World();
  const transaction = SignedTransaction.serialize({
    kind: 200,
    payload: new Uint8Array(),
    signature: new Uint8Array(),
  });
  const { code, receipt } = world.run(transaction);
  assert.equal(code, "ERR_TX_UNKNOWN_KIND");
  assert.equal(receipt.kind, 200);
});

test("ERR_TX_TOO_LARGE", () => {
  const world = new World();
  const receipt = processTransaction(
    world.state,
    new Uint8Array(MAX_TRANSACTION_BYTES + 257),
    signatureVerifier,
  );
  assert.equal(RECEIPT_CODES[receipt.status], "ERR_TX_TOO_LARGE");
});

test("ERR_BAD_SIGNATURE: by someone else, for another network, over another amount, cut short", () => {
  const world = new World();
  const mallory = accountOf("mallory");
  const tx = { kind: TX.withdraw, body } as const;
  const good = client.sign(world.network, tx);
  const other = SignedTransaction.deserialize(good);
  const payload = Withdraw.serialize({ ...body, amount: 6n });
  for (const forged of [
    mallory.sign(world.network, tx),
    client.sign(networkContext(1, world.network.settlement), tx),
    SignedTransaction.serialize({ ...other, payload }),
    SignedTransaction.serialize({ ...other, signature: other.signature.subarray(0, 64) }),
    SignedTransaction.serialize({ ...other, signature: new Uint8Array(65) }),
  ]) {
    assert.equal(world.run(forged).code, "ERR_BAD_SIGNATURE");
  }
  assert.equal(world.state.account(client.address)?.nonce, 0);
  assert.equal(world.run(good).code, "OK");
});

test("ERR_UNKNOWN_ACCOUNT", () => {
  const world = new World();
  const nobody = accountOf("nobody");
  const transaction = nobody.sign(world.network, {
    kind: TX.withdraw,
    body: { account: nobody.address, nonce: 0, amount: 1n },
  });
  assert.equal(world.run(transaction).code, "ERR_UNKNOWN_ACCOUNT");
});

test("ERR_BAD_NONCE: too high, and a replay", () => {
  const world = new World();
  const sign = (nonce: number) => client.sign(world.network, { kind: TX.withdraw, body: { ...body, nonce } });
  assert.equal(world.run(sign(1)).code, "ERR_BAD_NONCE");
  assert.equal(world.run(sign(0)).code, "OK");
  assert.equal(world.run(sign(0)).code, "ERR_BAD_NONCE");
  assert.equal(world.run(sign(1)).code, "OK");
});

test("hostile bytes of every shape are judged without an exception", () => {
  const world = new World();
  const as = (kind: number, payload: Uint8Array) =>
    SignedTransaction.serialize({ kind, payload, signature: new Uint8Array(65) });
  const hugeNonce = Withdraw.serialize(body).fill(255, 20, 28);
  const acks = SubmitAcks.serialize({
    node: 1,
    sequence: 1,
    acks: [SignedAck.defaultValue()],
    delegations: [],
  });
  const hostile: [Uint8Array, string][] = [
    [new Uint8Array(0), "ERR_TX_MALFORMED"],
    [new Uint8Array(90).fill(7), "ERR_TX_MALFORMED"],
    [as(TX.withdraw, new Uint8Array(10)), "ERR_TX_MALFORMED"],
    [as(TX.withdraw, hugeNonce), "ERR_TX_MALFORMED"],
    [as(TX.submitAcks, acks.subarray(0, -1)), "ERR_TX_MALFORMED"],
    [as(TX.submitAcks, acks.slice().fill(255, 20, 28)), "ERR_TX_MALFORMED"],
    [as(TX.submitAcks, acks.slice().fill(9, 12, 16)), "ERR_TX_MALFORMED"],
    [as(TX.submitAcks, acks.slice().fill(9, 16, 20)), "ERR_TX_MALFORMED"],
    [as(200, acks), "ERR_TX_UNKNOWN_KIND"],
    [as(TX.optIn, Participation.serialize({ node: 99, nonce: 0 })), "ERR_UNKNOWN_NODE"],
    [as(TX.withdraw, Withdraw.serialize({ ...body, account: new Uint8Array(20) })), "ERR_UNKNOWN_ACCOUNT"],
    [as(TX.withdraw, Withdraw.serialize({ ...body, nonce: 9 })), "ERR_BAD_NONCE"],
  ];
  for (const [bytes, code] of hostile) {
    assert.equal(RECEIPT_CODES[processTransaction(world.state, bytes, signatureVerifier).status], code);
  }
  // deep stacks that are noted whole make each exception cost about a millisecond
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = Number.POSITIVE_INFINITY;
  const ms = deep(3_000, () => {
    const start = performance.now();
    for (let i = 0; i < 1_000; i++)
      for (const [bytes] of hostile) processTransaction(world.state, bytes, signatureVerifier);
    return performance.now() - start;
  });
  Error.stackTraceLimit = stackTraceLimit;
  assert.ok(ms < 2_000, `11,000 of them took ${ms} ms`);
});

function deep<T>(frames: number, run: () => T): T {
  return frames === 0 ? run() : deep(frames - 1, run);
}

test("any bytes at all give a receipt, and what is rejected before its signature changes nothing", () => {
  const world = new World();
  const good = client.sign(world.network, { kind: TX.withdraw, body });
  const root = world.state.root();
  const mutated = fc
    .tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }))
    .map(([at, flip]) => good.map((byte, i) => (i === at ? byte ^ flip : byte)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), mutated), (bytes) => {
      const receipt = processTransaction(world.state, bytes, signatureVerifier);
      assert.notEqual(receipt.status, 0);
      assert.deepEqual(world.state.root(), root);
    }),
    { numRuns: 300 },
  );
});
