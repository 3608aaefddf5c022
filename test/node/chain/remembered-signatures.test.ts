import assert from "node:assert/strict";
import { test } from "node:test";
import { ed25519Signer, sha256 } from "#crypto";
import { rememberSignatures } from "#node/chain/support/remembered-signatures.ts";
import type { SignatureVerifier } from "#node/interface/crypto.ts";
import { signatureVerifier } from "#node/transition/block/signatures.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { parsePayload } from "#protocol/digests/transactions.ts";
import { SignedTransaction, TX } from "#protocol/types/transactions.ts";
import { accountOf } from "#test/node/transition/support/keys.ts";

const signer = ed25519Signer(sha256(Uint8Array.of(1)));
const stranger = ed25519Signer(sha256(Uint8Array.of(2)));
const digestOf = (number: number) => sha256(Uint8Array.of(number));

function counted(capacity?: number) {
  let asked = 0;
  const inner: SignatureVerifier = {
    account(...args) {
      asked++;
      return signatureVerifier.account(...args);
    },
    ed25519(...args) {
      asked++;
      return signatureVerifier.ed25519(...args);
    },
  };
  return { verifier: rememberSignatures(inner, capacity), asked: () => asked };
}

test("a right signature is checked once", () => {
  const { verifier, asked } = counted();
  const signature = signer.sign(digestOf(1));
  for (let time = 0; time < 3; time++) assert.ok(verifier.ed25519(signer.publicKey, digestOf(1), signature));
  assert.equal(asked(), 1);
});

test("what is known of one key, digest and signature says nothing of others", () => {
  const { verifier, asked } = counted();
  const signature = signer.sign(digestOf(1));
  assert.ok(verifier.ed25519(signer.publicKey, digestOf(1), signature));
  const changed = signature.map((byte, at) => (at === 0 ? byte ^ 1 : byte));
  for (let time = 0; time < 2; time++) {
    assert.ok(!verifier.ed25519(stranger.publicKey, digestOf(1), signature));
    assert.ok(!verifier.ed25519(signer.publicKey, digestOf(2), signature));
    assert.ok(!verifier.ed25519(signer.publicKey, digestOf(1), changed));
  }
  // a wrong one is not kept, and so asked for each time
  assert.equal(asked(), 7);
});

test("parts of other lengths are asked for, never looked up", () => {
  const { verifier } = counted();
  const signature = signer.sign(digestOf(1));
  assert.ok(verifier.ed25519(signer.publicKey, digestOf(1), signature));
  const moved = Uint8Array.of(...digestOf(1), ...signature.subarray(0, 1));
  assert.ok(!verifier.ed25519(signer.publicKey, moved, signature.subarray(1)));
});

test("the oldest is forgotten when there is no room", () => {
  const { verifier, asked } = counted(2);
  const check = (number: number) =>
    verifier.ed25519(signer.publicKey, digestOf(number), signer.sign(digestOf(number)));
  for (const number of [1, 2, 3, 2, 3]) assert.ok(check(number));
  assert.equal(asked(), 3);
  assert.ok(check(1));
  assert.equal(asked(), 4);
});

test("account signatures are kept with their whole transaction and network", () => {
  const { verifier, asked } = counted();
  const network = networkContext(31337, "0x00000000000000000000000000000000000000f1");
  const account = accountOf("a");
  const tx = { kind: TX.withdraw, body: { account: account.address, nonce: 0, amount: 5n } } as const;
  const { payload, signature } = SignedTransaction.deserialize(account.sign(network, tx));
  const parsed = parsePayload(TX.withdraw, payload) as typeof tx;
  for (let time = 0; time < 2; time++) assert.ok(verifier.account(network, parsed, signature));
  assert.equal(asked(), 1);
  const other = { ...parsed, body: { ...parsed.body, amount: 6n } };
  assert.ok(!verifier.account(network, other, signature));
  const elsewhere = networkContext(1, "0x00000000000000000000000000000000000000f1");
  assert.ok(!verifier.account(elsewhere, parsed, signature));
  assert.equal(asked(), 3);
});
