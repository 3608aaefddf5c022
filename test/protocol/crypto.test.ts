import assert from "node:assert/strict";
import { test } from "node:test";
import bls from "@chainsafe/bls";
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { blake3 as nobleBlake3 } from "@noble/hashes/blake3.js";
import fc from "fast-check";
import {
  blsAggregateSignatures,
  blsKeygen,
  blsPublicKey,
  blsSigner,
  blsVerify,
  blsVerifyAggregate,
  blsVerifyAll,
} from "#protocol/crypto/bls.ts";
import * as browser from "#protocol/crypto/browser.ts";
import { aggregateKeyEip2537, g1FromEip2537, g1ToEip2537, g2ToEip2537 } from "#protocol/crypto/eip2537.ts";
import * as native from "#protocol/crypto/node.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";

const noble = bls12_381.longSignatures;
const DST = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
const signers = [1, 2, 3, 4].map((i) => {
  const secret = blsKeygen(new Uint8Array(32).fill(i));
  return { secret, ...blsSigner(secret) };
});
const INFINITY_G1 = Uint8Array.from([0xc0, ...new Uint8Array(47)]);
const INFINITY_G2 = Uint8Array.from([0xc0, ...new Uint8Array(95)]);

/** Almost every point of the curve lies outside the subgroup: take the first x that y² = x³ + b has a root for. */
function outsideSubgroup(group: "G1" | "G2"): Uint8Array {
  const { Fp, Fp2 } = bls12_381.fields;
  for (let x = 1n; ; x++) {
    const length = group === "G1" ? 48 : 96;
    const bytes = new Uint8Array(length);
    bytes[0] = 0x80;
    bytes[length - 1] = Number(x);
    try {
      if (group === "G1") Fp.sqrt(Fp.add(Fp.pow(x, 3n), 4n));
      else Fp2.sqrt(Fp2.add(Fp2.pow(Fp2.create({ c0: x, c1: 0n }), 3n), Fp2.create({ c0: 4n, c1: 4n })));
      return bytes;
    } catch {
      // no root: x is not on the curve
    }
  }
}

test("the points that tests call outside the subgroup are on the curve", () => {
  for (const group of ["G1", "G2"] as const) {
    const raw = group === "G1" ? bls.PublicKey : bls.Signature;
    assert.ok(raw.fromBytes(outsideSubgroup(group), undefined, false));
    assert.throws(() => raw.fromBytes(outsideSubgroup(group), undefined, true));
  }
});

test("signatures checked together are right exactly when each of them is", () => {
  const messages = [1, 2, 3].map((at) => new Uint8Array(32).fill(at));
  const flaws = [
    "none",
    "none",
    "none",
    "message",
    "key",
    "missing key",
    "signature",
    "infinity",
    "length",
  ] as const;
  const set = fc.record({
    by: fc.subarray([0, 1, 2, 3], { minLength: 1 }),
    message: fc.constantFrom(...messages),
    flaw: fc.constantFrom(...flaws),
  });
  fc.assert(
    fc.property(fc.array(set, { minLength: 1, maxLength: 5 }), (drawn) => {
      const sets = drawn.map(({ by, message, flaw }) => {
        const keys = by.map((at) => signers[at]?.publicKey ?? assert.fail());
        const right = blsAggregateSignatures(by.map((at) => signers[at]?.sign(message) ?? assert.fail()));
        const made = { keys, message, signature: right };
        if (flaw === "message") made.message = new Uint8Array(32).fill(9);
        if (flaw === "key") made.keys = [...keys, signers[0]?.publicKey ?? assert.fail()];
        if (flaw === "missing key") made.keys = keys.slice(1);
        if (flaw === "signature") made.signature = signers[0]?.sign(new Uint8Array(32)) ?? assert.fail();
        if (flaw === "infinity") made.signature = INFINITY_G2;
        if (flaw === "length") made.signature = right.subarray(1);
        return made;
      });
      const each = sets.map(({ keys, message, signature }) => blsVerifyAggregate(keys, message, signature));
      assert.equal(blsVerifyAll(sets), !each.includes(false));
    }),
    { seed: 7, numRuns: 60 },
  );
  assert.equal(blsVerifyAll([]), false);
});

test("errors of signatures that are checked together do not cancel out", () => {
  const G2 = bls12_381.G2.Point;
  const [one, two] = [signers[0] ?? assert.fail(), signers[1] ?? assert.fail()];
  const message = new Uint8Array(32).fill(5);
  const shift = G2.BASE.multiply(12_345n);
  const add = (signature: Uint8Array, point: typeof shift) => G2.fromBytes(signature).add(point).toBytes();
  const sets = [
    { keys: [one.publicKey], message, signature: add(one.sign(message), shift) },
    { keys: [two.publicKey], message, signature: add(two.sign(message), shift.negate()) },
  ];
  const sum = blsAggregateSignatures(sets.map(({ signature }) => signature));
  assert.ok(blsVerifyAggregate([one.publicKey, two.publicKey], message, sum), "their sum is right");
  assert.equal(blsVerifyAll(sets), false);
});

test("BLS keys and signatures are byte-identical to an independent implementation's, aggregates too", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 64 }), (message) => {
      const hashed = noble.hash(message, DST);
      for (const { secret, publicKey, sign } of signers.slice(0, 2)) {
        assert.deepEqual(publicKey, noble.getPublicKey(secret).toBytes());
        const signature = sign(message);
        assert.deepEqual(signature, noble.sign(hashed, secret).toBytes());
        assert.ok(blsVerify(publicKey, message, signature));
      }
    }),
    { numRuns: 4 },
  );
  const message = new Uint8Array(32).fill(9);
  const shares = signers.map(({ sign }) => sign(message));
  const aggregate = blsAggregateSignatures(shares);
  assert.deepEqual(aggregate, noble.aggregateSignatures(shares).toBytes());
  const key = noble.aggregatePublicKeys(signers.map(({ publicKey }) => publicKey));
  assert.ok(noble.verify(aggregate, noble.hash(message, DST), key));
});

test("an aggregate is valid for exactly its signers and its message", () => {
  const message = new Uint8Array(32).fill(1);
  const keys = signers.map(({ publicKey }) => publicKey);
  const aggregate = blsAggregateSignatures(signers.slice(0, 3).map(({ sign }) => sign(message)));
  assert.ok(blsVerifyAggregate(keys.slice(0, 3), message, aggregate));
  assert.ok(!blsVerifyAggregate(keys, message, aggregate));
  assert.ok(!blsVerifyAggregate(keys.slice(0, 2), message, aggregate));
  assert.ok(!blsVerifyAggregate(keys.slice(0, 3), new Uint8Array(32), aggregate));
  assert.ok(!blsVerifyAggregate([], message, aggregate));
});

test("infinity, points outside the subgroup and malformed bytes are refused as keys and signatures", () => {
  const message = new Uint8Array(32).fill(1);
  const { publicKey, sign } = signers[0] as (typeof signers)[0];
  const signature = sign(message);
  for (const bad of [
    INFINITY_G1,
    outsideSubgroup("G1"),
    new Uint8Array(48),
    publicKey.subarray(1),
    new Uint8Array(0),
  ]) {
    assert.throws(() => blsPublicKey(bad), { code: "ERR_KEY" }, toHex(bad));
    assert.ok(!blsVerify(bad, message, signature));
  }
  for (const bad of [INFINITY_G2, outsideSubgroup("G2"), new Uint8Array(96), signature.subarray(1)]) {
    assert.ok(!blsVerify(publicKey, message, bad), toHex(bad));
    assert.throws(() => g2ToEip2537(bad), toHex(bad));
  }
  assert.ok(!blsVerify(INFINITY_G1, message, INFINITY_G2));
  assert.throws(() => blsSigner(new Uint8Array(32)), { code: "ERR_KEY" });
  assert.throws(() => blsSigner(new Uint8Array(32).fill(255)), { code: "ERR_KEY" });
});

test("EIP-2537: keys come back from their encoding, which is that of the affine coordinates", () => {
  for (const { publicKey, sign } of signers) {
    const encoded = g1ToEip2537(publicKey);
    assert.deepEqual(g1FromEip2537(encoded), publicKey);
    const { x, y } = bls12_381.G1.Point.fromBytes(publicKey).toAffine();
    const word = (value: bigint) => value.toString(16).padStart(128, "0");
    assert.equal(toHex(encoded), `0x${word(x)}${word(y)}`);
    const signature = sign(new Uint8Array(32));
    const point = bls12_381.G2.Point.fromBytes(signature).toAffine();
    const expected = [point.x.c0, point.x.c1, point.y.c0, point.y.c1].map(word).join("");
    assert.equal(toHex(g2ToEip2537(signature)), `0x${expected}`);
  }
  const keys = signers.map(({ publicKey }) => publicKey);
  assert.deepEqual(g1FromEip2537(aggregateKeyEip2537(keys)), noble.aggregatePublicKeys(keys).toBytes());
});

test("EIP-2537: wrong lengths, padding, coordinates off the curve and infinity are ERR_KEY", () => {
  const good = g1ToEip2537((signers[0] as (typeof signers)[0]).publicKey);
  const changed = (at: number, value: number) =>
    Uint8Array.from(good, (byte, i) => (i === at ? value : byte));
  for (const bad of [
    good.subarray(1),
    changed(0, 1),
    changed(64, 1),
    changed(127, (good[127] as number) ^ 1),
    new Uint8Array(128),
  ]) {
    assert.throws(() => g1FromEip2537(bad), { code: "ERR_KEY" });
  }
});

test("BLAKE3 and SHA-256 are the same in nodes, in browsers and in an independent implementation", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 4 }), (parts) => {
      const whole = Uint8Array.from(parts.flatMap((part) => [...part]));
      assert.deepEqual(native.blake3(whole), browser.blake3(whole));
      assert.deepEqual(native.blake3(whole), nobleBlake3(whole));
      assert.deepEqual(native.sha256(...parts), browser.sha256(...parts));
      assert.deepEqual(native.sha256(whole), native.sha256(...parts));
      for (const { blake3Hasher } of [native, browser]) {
        const hasher = blake3Hasher();
        for (const part of parts) hasher.update(part);
        assert.deepEqual(hasher.digest(), native.blake3(whole));
      }
    }),
    { numRuns: 50 },
  );
});

test("Ed25519 signatures are the same in nodes and browsers, and both judge alike", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ maxLength: 200 }),
      fc.nat(511),
      (seed, message, bit) => {
        const a = native.ed25519Signer(seed);
        const b = browser.ed25519Signer(seed);
        assert.deepEqual(a.publicKey, b.publicKey);
        const signature = a.sign(message);
        assert.deepEqual(signature, b.sign(message));
        const flipped = Uint8Array.from(signature, (byte, i) =>
          i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte,
        );
        for (const { ed25519Verify } of [native, browser]) {
          assert.ok(ed25519Verify(a.publicKey, message, signature));
          assert.ok(!ed25519Verify(a.publicKey, message, flipped));
        }
      },
    ),
    { numRuns: 30 },
  );
});

test("small-order Ed25519 keys and malformed keys and signatures are refused in nodes and browsers alike", () => {
  const identity = Uint8Array.from([1, ...new Uint8Array(31)]);
  const forged = Uint8Array.from([...identity, ...new Uint8Array(32)]);
  const message = new Uint8Array(3);
  for (const { ed25519Verify, ed25519Signer } of [native, browser]) {
    assert.ok(!ed25519Verify(identity, message, forged));
    assert.ok(!ed25519Verify(new Uint8Array(31), message, forged));
    assert.ok(!ed25519Verify(new Uint8Array(32).fill(255), message, forged));
    assert.ok(!ed25519Verify(identity, message, forged.subarray(1)));
    assert.throws(() => ed25519Signer(new Uint8Array(31)), { code: "ERR_KEY" });
  }
});

test("hex: bytes come back, anything else is ERR_HEX", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => assert.deepEqual(fromHex(toHex(bytes), bytes.length), bytes)),
  );
  for (const bad of ["", "00", "0x0", "0xzz", "0X00", " 0x00"])
    assert.throws(() => fromHex(bad), { code: "ERR_HEX" });
  assert.throws(() => fromHex("0x00", 2), { code: "ERR_HEX" });
});
