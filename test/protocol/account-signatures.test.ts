import assert from "node:assert/strict";
import { test } from "node:test";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import fc from "fast-check";
import { hashTypedData, keccak256 } from "viem";
import * as browser from "#protocol/crypto/browser.ts";
import * as native from "#protocol/crypto/node.ts";
import { type NetworkContext, networkContext } from "#protocol/digests/network.ts";
import {
  type AccountTransaction,
  accountDigest,
  accountTypedData,
  verifyAccountSignature,
} from "#protocol/digests/transactions.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { TX } from "#protocol/types/transactions.ts";

const SEEDED = { seed: 20_260, numRuns: 300 };
const ORDER = secp256k1.Point.Fn.ORDER;
const FIELD = secp256k1.Point.Fp.ORDER;
const TOP = 2n ** 256n - 1n;
const word = (value: bigint) => fromHex(`0x${value.toString(16).padStart(64, "0")}`);

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
/** Numbers of 256 bits at which implementations part: around 0, n/2, n, p and 2^256, and any other. */
const scalar = fc.oneof(
  fc.constantFrom(
    ...[0n, 1n, 2n, ORDER / 2n, ORDER / 2n + 1n, ORDER - 1n, ORDER, ORDER + 1n],
    ...[FIELD - ORDER - 1n, FIELD - ORDER, FIELD - 1n, FIELD, FIELD + 1n, TOP],
  ),
  fc.bigInt({ min: 0n, max: TOP }),
);
const secretKey = fc.bigInt({ min: 1n, max: ORDER - 1n }).map(word);
const address = bytes(20);
const counter = fc.nat(Number.MAX_SAFE_INTEGER);
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

const transaction: fc.Arbitrary<AccountTransaction> = fc.oneof(
  fc.record({
    kind: fc.constant(TX.transfer),
    body: fc.record({ account: address, nonce: counter, to: address, amount: u64 }),
  }),
  fc.record({
    kind: fc.constant(TX.withdraw),
    body: fc.record({ account: address, nonce: counter, amount: u64 }),
  }),
  fc.record({
    kind: fc.constant(TX.authorizeSession),
    body: fc.record({
      ...{ account: address, nonce: counter, scheme: fc.nat(255), key: bytes(32) },
      ...{ expiryEpoch: counter, limit: u64 },
    }),
  }),
  fc.record({
    kind: fc.constant(TX.revokeSession),
    body: fc.record({ account: address, nonce: counter, key: bytes(32) }),
  }),
);
const network = fc
  .tuple(fc.integer({ min: 1, max: 2 ** 31 }), address)
  .map(([chainId, settlement]) => networkContext(chainId, toHex(settlement)));

/** The rule in the words of the library that is the oracle here: low s, v of 27 or 28, and the signer is the account. */
function oracle(context: NetworkContext, tx: AccountTransaction, signature: Uint8Array): boolean {
  const v = signature[64];
  if (signature.length !== 65 || (v !== 27 && v !== 28)) return false;
  try {
    const parsed = secp256k1.Signature.fromBytes(signature.subarray(0, 64), "compact");
    if (parsed.hasHighS()) return false;
    const digest = fromHex(hashTypedData(accountTypedData(context, tx)));
    const key = parsed.addRecoveryBit(v - 27).recoverPublicKey(digest);
    return `0x${keccak256(key.toBytes(false).subarray(1)).slice(26)}` === toHex(tx.body.account);
  } catch {
    return false;
  }
}

/** Where the pinned version of the native library has a build. */
const BUILDS = ["linux-x64", "darwin-arm64", "win32-x64"];

test("keys are recovered by the native library wherever it has a build", () => {
  if (BUILDS.includes(`${process.platform}-${process.arch}`)) assert.ifError(native.nativeSecp256k1Failure);
  const digest = new Uint8Array(32).fill(7);
  const raw = secp256k1.sign(digest, word(5n), { prehash: false, format: "recovered" });
  const key = native.recoverPublicKey(digest, raw.subarray(1), raw[0] === 1 ? 1 : 0);
  assert.deepEqual(new Uint8Array(key ?? []), secp256k1.getPublicKey(word(5n), false));
});

test("native code and JavaScript recover the same key of what was signed, and of neither parity another", () => {
  fc.assert(
    fc.property(secretKey, scalar.map(word), (secret, digest) => {
      const raw = secp256k1.sign(digest, secret, { prehash: false, format: "recovered" });
      const key = secp256k1.getPublicKey(secret, false);
      const parity = raw[0] === 1 ? 1 : 0;
      const other = parity === 1 ? 0 : 1;
      for (const { recoverPublicKey } of [native, browser]) {
        assert.deepEqual(new Uint8Array(recoverPublicKey(digest, raw.subarray(1), parity) ?? []), key);
        assert.notDeepEqual(recoverPublicKey(digest, raw.subarray(1), other), key);
      }
    }),
    { ...SEEDED, numRuns: 100 },
  );
});

test("native code and JavaScript agree on every r, s, parity and digest, at the bounds too, and on wrong lengths", () => {
  let none = 0;
  let some = 0;
  fc.assert(
    fc.property(scalar, scalar, scalar, fc.constantFrom(0, 1), (r, s, digest, parity) => {
      const signature = Uint8Array.from([...word(r), ...word(s)]);
      const ours = native.recoverPublicKey(word(digest), signature, parity);
      const theirs = browser.recoverPublicKey(word(digest), signature, parity);
      assert.deepEqual(ours && toHex(ours), theirs && toHex(theirs));
      if (ours) some++;
      else none++;
    }),
    { ...SEEDED, numRuns: 500 },
  );
  assert.ok(none > 50 && some > 50, `${none} without a key, ${some} with one`);
  for (const { recoverPublicKey } of [native, browser]) {
    for (const [digest, signature] of [
      [31, 64],
      [33, 64],
      [32, 63],
      [32, 65],
      [0, 0],
    ] as const) {
      assert.equal(
        recoverPublicKey(new Uint8Array(digest).fill(1), new Uint8Array(signature).fill(1), 0),
        undefined,
      );
    }
  }
});

test("the digest of an account's transaction is that of the typed data which wallets sign", () => {
  fc.assert(
    fc.property(network, transaction, (context, tx) => {
      assert.equal(toHex(accountDigest(context, tx)), hashTypedData(accountTypedData(context, tx)));
    }),
    SEEDED,
  );
});

test("what no word of the typed data holds is refused instead of cut off", () => {
  const context = networkContext(10, `0x${"11".repeat(20)}`);
  const body = { account: new Uint8Array(20), nonce: 0, to: new Uint8Array(20), amount: 1n };
  for (const wrong of [
    { amount: 2n ** 64n },
    { amount: -1n },
    { nonce: 2 ** 64 },
    { to: new Uint8Array(21) },
  ]) {
    assert.throws(
      () => accountDigest(context, { kind: TX.transfer, body: { ...body, ...wrong } }),
      RangeError,
    );
  }
});

test("a signature counts exactly when the oracle says so: low and high s, both parities, other accounts, bounds of r and s", () => {
  const seen = { valid: 0, invalid: 0 };
  const seldom = <T>(value: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
  const shape = fc.record({
    highS: seldom(fc.constant(true)),
    v: seldom(fc.constantFrom(0, 1, 26, 27, 28, 29, 30)),
    stranger: seldom(fc.constant(true)),
    r: seldom(scalar),
    s: seldom(scalar),
  });
  fc.assert(
    fc.property(network, transaction, secretKey, shape, (context, unsigned, secret, changed) => {
      const key = secp256k1.getPublicKey(secret, false);
      const account = fromHex(keccak256(key.subarray(1))).slice(12);
      const body = changed.stranger ? unsigned.body : { ...unsigned.body, account };
      const tx = { kind: unsigned.kind, body } as AccountTransaction;
      const raw = secp256k1.sign(accountDigest(context, tx), secret, { prehash: false, format: "recovered" });
      const s = BigInt(toHex(raw.subarray(33)));
      const given = changed.s ?? (changed.highS ? ORDER - s : s);
      const parity = changed.highS ? 1 - (raw[0] as number) : (raw[0] as number);
      const r = changed.r === undefined ? raw.subarray(1, 33) : word(changed.r);
      const signature = Uint8Array.from([...r, ...word(given), changed.v ?? 27 + parity]);
      const valid = verifyAccountSignature(context, tx, signature);
      assert.equal(valid, oracle(context, tx, signature));
      seen[valid ? "valid" : "invalid"]++;
    }),
    { ...SEEDED, numRuns: 500 },
  );
  assert.ok(seen.valid > 50 && seen.invalid > 200, JSON.stringify(seen));
});
