import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { BitArray, type Type } from "@chainsafe/ssz";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import fc from "fast-check";
import { privateKeyToAccount } from "viem/accounts";
import { ed25519Signer } from "#crypto";
import { networkContext } from "#protocol/digests/network.ts";
import {
  type AccountTransaction,
  accountTypedData,
  encodeAccountTransaction,
  parsePayload,
  signNodeTransaction,
  verifyAccountSignature,
  verifyNodeSignature,
} from "#protocol/digests/transactions.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { MAX_ACKS_PER_TRANSACTION, MIN_TRANSACTION_BYTES } from "#protocol/params/limits.ts";
import { Ack, SignedAck, SignedDelegation } from "#protocol/types/ack.ts";
import { CertifiedBlock } from "#protocol/types/block.ts";
import { compareBytes, decode, equalBytes } from "#protocol/types/codec.ts";
import { Committee, quorumPower, totalPower, validityPower } from "#protocol/types/committee.ts";
import {
  AttestationData,
  Batch,
  Certificate,
  CommitCertificate,
  Header,
  Vote,
} from "#protocol/types/consensus.ts";
import { fromHex } from "#protocol/types/hex.ts";
import { Counter64, MAX_POWER } from "#protocol/types/primitives.ts";
import { EpochReport, SettlementCertificate } from "#protocol/types/settlement.ts";
import {
  isEnvelope,
  Participation,
  RevokeSession,
  SignedTransaction,
  SubmitAcks,
  Transfer,
  TX,
  Withdraw,
} from "#protocol/types/transactions.ts";

import { isWellFormed } from "#protocol/types/well-formed.ts";

const vector = (name: string) =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));

const certificate = Certificate.defaultValue();
certificate.signers = BitArray.fromBoolArray([true, false, true]);
const commit = CommitCertificate.defaultValue();
commit.signers = BitArray.fromBoolArray([true]);

const SAMPLES = [
  { type: Header, bytes: fromHex(vector("consensus").header.ssz) },
  { type: AttestationData, bytes: fromHex(vector("consensus").attestation.ssz) },
  { type: Certificate, bytes: Certificate.serialize(certificate) },
  { type: CommitCertificate, bytes: CommitCertificate.serialize(commit) },
  { type: Vote, bytes: Vote.serialize(Vote.defaultValue()) },
  {
    type: Batch,
    bytes: Batch.serialize({
      epoch: 1,
      author: 2,
      worker: 0,
      sequence: 3,
      transactions: [Uint8Array.of(1, 2), Uint8Array.of()],
    }),
  },
  { type: Committee, bytes: fromHex(vector("settlement").committee.ssz) },
  { type: EpochReport, bytes: fromHex(vector("settlement").report.ssz) },
  {
    type: SettlementCertificate,
    bytes: SettlementCertificate.serialize(SettlementCertificate.defaultValue()),
  },
  { type: CertifiedBlock, bytes: CertifiedBlock.serialize(CertifiedBlock.defaultValue()) },
  { type: Ack, bytes: fromHex(vector("acks").ack.ssz) },
  ...vector("transactions").nodeSigned.map((tx: { wire: `0x${string}` }) => ({
    type: SignedTransaction,
    bytes: fromHex(tx.wire),
  })),
];

test("whatever is changed in the bytes of a wire type, decode refuses or reads what encodes to the same bytes", () => {
  const sample = fc.constantFrom(...SAMPLES);
  const edit = fc.record({
    at: fc.nat(),
    kind: fc.constantFrom("set", "cut", "add", "truncate"),
    value: fc.nat(255),
  });
  fc.assert(
    fc.property(sample, fc.array(edit, { minLength: 1, maxLength: 4 }), ({ type, bytes }, edits) => {
      const changed = [...bytes];
      for (const { at, kind, value } of edits) {
        const index = at % (changed.length + 1);
        if (kind === "set") changed[index] = value;
        else if (kind === "cut") changed.splice(index, 1 + (value % 8));
        else if (kind === "add") changed.splice(index, 0, value);
        else changed.length = index;
      }
      const input = Uint8Array.from(changed);
      try {
        const decoded = decode(type, input);
        assert.ok(equalBytes(type.serialize(decoded as never), input));
      } catch (error) {
        assert.ok(isFlkError(error, "ERR_DECODE"), String(error));
      }
    }),
    { numRuns: 3000 },
  );
});

test("the samples themselves decode", () => {
  for (const { type, bytes } of SAMPLES) assert.ok(equalBytes(type.serialize(decode(type, bytes)), bytes));
});

test("random bytes never do anything but ERR_DECODE or a canonical value", () => {
  fc.assert(
    fc.property(fc.constantFrom(...SAMPLES), fc.uint8Array({ maxLength: 400 }), ({ type }, input) => {
      try {
        assert.ok(equalBytes(type.serialize(decode(type, input) as never), input));
      } catch (error) {
        assert.ok(isFlkError(error, "ERR_DECODE"), String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test("a u64 counter above 2^53 - 1 is refused on both sides, not rounded", () => {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, 2n ** 53n - 1n, true);
  assert.equal(decode(Counter64, bytes), Number.MAX_SAFE_INTEGER);
  for (const value of [2n ** 53n, 2n ** 54n + 1n, 2n ** 64n - 1n]) {
    view.setBigUint64(0, value, true);
    assert.throws(() => decode(Counter64, bytes), { code: "ERR_DECODE" });
  }
  for (const value of [-1, 0.5, 2 ** 53, Number.NaN]) assert.throws(() => Counter64.serialize(value));
  const transfer = Transfer.serialize({
    account: new Uint8Array(20),
    nonce: 1,
    to: new Uint8Array(20),
    amount: 2n ** 64n - 1n,
  });
  assert.equal(decode(Transfer, transfer).amount, 2n ** 64n - 1n);
  transfer.set([0, 0, 0, 0, 0, 0, 32, 0], 20);
  assert.throws(() => decode(Transfer, transfer), { code: "ERR_DECODE" });
});

test("a list above its limit is refused", () => {
  const one = SignedAck.defaultValue();
  const size = SignedAck.serialize(one).length;
  const acks = (count: number) => {
    const { fixedEnd } = SubmitAcks;
    const list = new Uint8Array(fixedEnd + size * count);
    new DataView(list.buffer).setUint32(12, fixedEnd, true);
    new DataView(list.buffer).setUint32(16, list.length, true);
    return list;
  };
  assert.throws(() => decode(SubmitAcks, acks(MAX_ACKS_PER_TRANSACTION + 1)), { code: "ERR_DECODE" });
  assert.equal(decode(SubmitAcks, acks(MAX_ACKS_PER_TRANSACTION)).acks.length, MAX_ACKS_PER_TRANSACTION);
});

test("an unknown kind and a payload of another kind are refused", () => {
  const [transfer] = vector("transactions").accountSigned;
  assert.throws(() => parsePayload(0, fromHex(transfer.payload)), { code: "ERR_TX_UNKNOWN_KIND" });
  assert.throws(() => parsePayload(255, fromHex(transfer.payload)), { code: "ERR_TX_UNKNOWN_KIND" });
  assert.throws(() => parsePayload(TX.withdraw, fromHex(transfer.payload)), { code: "ERR_DECODE" });
});

test("wallets' signatures verify; changed, high-s, foreign-network and foreign-account ones do not", async () => {
  const network = networkContext(10, "0x5FbDB2315678afecb367f032d93F642f64180aa3");
  const account = privateKeyToAccount(`0x${"17".repeat(32)}`);
  const body = { account: fromHex(account.address), nonce: 7, to: new Uint8Array(20).fill(3), amount: 5n };
  const tx: AccountTransaction = { kind: TX.transfer, body };
  const typed = accountTypedData(network, tx);
  const hex = await account.signTypedData(typed);
  const signature = decode(SignedTransaction, encodeAccountTransaction(tx, hex)).signature;
  assert.ok(verifyAccountSignature(network, tx, signature));
  assert.ok(!verifyAccountSignature(networkContext(11, network.settlement), tx, signature));
  assert.ok(!verifyAccountSignature(network, { ...tx, body: { ...body, nonce: 8 } }, signature));
  assert.ok(
    !verifyAccountSignature(network, { ...tx, body: { ...body, account: new Uint8Array(20) } }, signature),
  );
  for (let bit = 0; bit < 8 * 65; bit += 7) {
    const flipped = Uint8Array.from(signature, (byte, i) =>
      i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte,
    );
    assert.ok(!verifyAccountSignature(network, tx, flipped), `bit ${bit}`);
  }
  const s = BigInt(`0x${Buffer.from(signature.subarray(32, 64)).toString("hex")}`);
  const highS = (secp256k1.Point.Fn.ORDER - s).toString(16).padStart(64, "0");
  const malleated = Uint8Array.from([
    ...signature.subarray(0, 32),
    ...Buffer.from(highS, "hex"),
    55 - (signature[64] as number),
  ]);
  assert.ok(!verifyAccountSignature(network, tx, malleated));
  assert.ok(!verifyAccountSignature(network, tx, signature.subarray(0, 64)));
  assert.ok(!verifyAccountSignature(network, tx, new Uint8Array(65)));
});

test("MIN_TRANSACTION_BYTES is the size of the smallest transaction that can be applied", () => {
  const acks = [SignedAck.defaultValue()];
  const sizes = [
    [Withdraw.serialize(Withdraw.defaultValue()), 65],
    [RevokeSession.serialize(RevokeSession.defaultValue()), 65],
    [SubmitAcks.serialize({ node: 0, sequence: 0, acks, delegations: [] }), 64],
    [Participation.serialize(Participation.defaultValue()), 64],
  ] as const;
  const whole = sizes.map(
    ([payload, length]) =>
      SignedTransaction.serialize({ kind: 1, payload, signature: new Uint8Array(length) }).length,
  );
  assert.equal(Math.min(...whole), MIN_TRANSACTION_BYTES);
});

test("two quorums share more power than a third, and a quorum is reachable without the faulty third", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 100 }), (powers) => {
      const members = powers.map((power, nodeId) => ({
        nodeId,
        keyVersion: 0,
        power,
        consensusKey: new Uint8Array(48),
      }));
      const committee = { epoch: 0, members };
      const n = totalPower(committee);
      const faulty = Math.floor((n - 1) / 3);
      assert.ok(2 * quorumPower(committee) - n > faulty);
      assert.ok(n - faulty >= quorumPower(committee));
      assert.ok(validityPower(committee) > faulty);
    }),
  );
});

test("thresholds are exact for the highest powers, and a power above u32 is refused both ways", () => {
  const members = Array.from({ length: 256 }, (_, nodeId) => ({
    nodeId,
    keyVersion: 0,
    power: MAX_POWER - (nodeId % 5),
    consensusKey: new Uint8Array(48),
  }));
  const committee = { epoch: 0, members };
  const total = members.reduce((sum, { power }) => sum + BigInt(power), 0n);
  assert.equal(BigInt(totalPower(committee)), total);
  assert.equal(BigInt(quorumPower(committee)), (2n * total) / 3n + 1n);
  assert.equal(BigInt(validityPower(committee)), (total + 2n) / 3n);
  const bytes = Committee.serialize(committee);
  assert.deepEqual(decode(Committee, bytes), committee);
  const first = members[0] ?? assert.fail();
  const above = { epoch: 0, members: [{ ...first, power: MAX_POWER + 1 }] };
  assert.throws(() => Committee.serialize(above), RangeError);
  const at = Committee.fixedEnd + 8 + 4;
  const raised = Committee.serialize({ epoch: 0, members: [first] });
  raised[at] = 1;
  assert.throws(
    () => decode(Committee, raised),
    (error) => isFlkError(error, "ERR_DECODE"),
  );
});

test("isWellFormed and isEnvelope say of any bytes what decoding says", () => {
  const samples = [
    { type: Transfer, bytes: Transfer.serialize(Transfer.defaultValue()) },
    { type: Participation, bytes: Participation.serialize(Participation.defaultValue()) },
    {
      type: SubmitAcks,
      bytes: SubmitAcks.serialize({
        node: 1,
        sequence: 1,
        acks: [SignedAck.defaultValue(), SignedAck.defaultValue()],
        delegations: [SignedDelegation.defaultValue()],
      }),
    },
    { type: SubmitAcks, bytes: SubmitAcks.serialize({ node: 1, sequence: 1, acks: [], delegations: [] }) },
  ];
  const decodes = (type: Type<unknown>, bytes: Uint8Array) => {
    try {
      return equalBytes(type.serialize(type.deserialize(bytes)), bytes);
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(
      fc.constantFrom(...samples),
      fc.nat(),
      fc.nat(255),
      fc.integer({ min: -9, max: 9 }),
      (s, at, b, n) => {
        const bytes = new Uint8Array(Math.max(0, n > 6 || n < -6 ? s.bytes.length + n : s.bytes.length));
        bytes.set(s.bytes.subarray(0, bytes.length));
        if (bytes.length > 0) bytes[at % bytes.length] = b;
        assert.equal(isWellFormed(s.type, bytes), decodes(s.type, bytes));
        const envelope = SignedTransaction.serialize({
          kind: 1,
          payload: s.bytes,
          signature: new Uint8Array(64),
        });
        if (n !== 0) envelope[at % 12] = b;
        assert.equal(isEnvelope(envelope), decodes(SignedTransaction, envelope));
      },
    ),
    { numRuns: 2_000 },
  );
});

test("compareBytes orders as unsigned bytes, shorter first", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4 }), fc.uint8Array({ maxLength: 4 }), (a, b) => {
      assert.equal(Math.sign(compareBytes(a, b)), Buffer.compare(a, b));
      assert.equal(equalBytes(a, b), compareBytes(a, b) === 0);
    }),
  );
});

test("bytes of any length are equal when all of them are", () => {
  for (let length = 0; length < 300; length++) {
    const bytes = Uint8Array.from({ length }, (_, at) => at % 251);
    const copy = new Uint8Array([1, ...bytes]).subarray(1);
    assert.ok(equalBytes(bytes, copy));
    for (let at = 0; at < length; at++) {
      copy[at] = (copy[at] ?? 0) ^ 0x80;
      assert.ok(!equalBytes(bytes, copy), `byte ${at} of ${length}`);
      copy[at] = (copy[at] ?? 0) ^ 0x80;
    }
  }
});

test("a node's signature that verified says nothing of another transaction, key or signature", () => {
  const network = networkContext(10, "0x00000000000000000000000000000000000000aa");
  const signer = ed25519Signer(new Uint8Array(32).fill(3));
  const tx = { kind: TX.optIn, body: { node: 1, nonce: 4 } } as const;
  const { signature } = decode(SignedTransaction, signNodeTransaction(network, tx, signer));
  assert.ok(verifyNodeSignature(network, tx, signer.publicKey, signature));
  assert.ok(verifyNodeSignature(network, tx, signer.publicKey, signature));
  const other = { ...tx, body: { node: 1, nonce: 5 } };
  const stranger = ed25519Signer(new Uint8Array(32).fill(4)).publicKey;
  for (let round = 0; round < 2; round++) {
    assert.ok(!verifyNodeSignature(network, other, signer.publicKey, signature));
    assert.ok(!verifyNodeSignature(network, tx, stranger, signature));
    assert.ok(
      !verifyNodeSignature(
        network,
        tx,
        signer.publicKey,
        signature.map((byte) => byte ^ 1),
      ),
    );
    assert.ok(!verifyNodeSignature(network, tx, signer.publicKey, signature.subarray(1)));
  }
});
