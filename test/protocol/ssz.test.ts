import assert from "node:assert/strict";
import { test } from "node:test";
import { ContainerType, ListCompositeType, type Type } from "@chainsafe/ssz";
import fc from "fast-check";
import { WorkRecord } from "#node/transition/records.ts";
import { RecordRoots } from "#protocol/ssz/record-roots.ts";
import { sszRoot } from "#protocol/ssz/root.ts";
import { RootList } from "#protocol/ssz/root-list.ts";
import { withBytes } from "#protocol/ssz/scratch.ts";
import { Ack } from "#protocol/types/ack.ts";
import { BalanceChange, Block } from "#protocol/types/block.ts";
import { Bytes20, Bytes32, Bytes48, Uint8, Uint128 } from "#protocol/types/primitives.ts";

const SEED = 20_261_130;
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

const change = fc.record({ account: bytes(20), reason: fc.nat(255), delta: u64, balance: u64 });
const receipt = fc.record({
  txId: bytes(32),
  kind: fc.nat(255),
  status: fc.nat(255),
  ackStatus: fc.array(fc.nat(255), { maxLength: 70 }),
  changes: fc.array(change, { maxLength: 9 }),
});
const block = fc
  .record({
    receipts: fc.array(receipt, { maxLength: 5 }),
    l2Changes: fc.array(change, { maxLength: 3 }),
    transactions: fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }),
    previous: bytes(32),
  })
  .map(({ transactions, ...rest }) => {
    const whole = Block.defaultValue();
    return { ...whole, ...rest, input: { ...whole.input, transactions } };
  });

test("the root of a block is the library's", () => {
  fc.assert(
    fc.property(block, (value) => {
      assert.deepEqual(sszRoot(Block, value), Block.hashTreeRoot(value));
    }),
    { seed: SEED, numRuns: 200 },
  );
});

test("long transactions and many receipts have the library's root, too", () => {
  const value = Block.defaultValue();
  value.input.transactions = [262_144, 1, 0, 100_001].map((length) =>
    new Uint8Array(length).fill(length % 251),
  );
  value.receipts = Array.from({ length: 33 }, (_, at) => ({
    txId: new Uint8Array(32).fill(at),
    kind: 5,
    status: 0,
    ackStatus: new Array(1024).fill(at),
    changes: Array.from({ length: 1100 }, (_, n) => ({
      account: new Uint8Array(20).fill(n),
      reason: 5,
      delta: BigInt(n),
      balance: 2n ** 63n,
    })),
  }));
  assert.deepEqual(sszRoot(Block, value), Block.hashTreeRoot(value));
});

const Nested = new ContainerType({ key: Bytes48, amount: Uint128 });
const kinds: [Type<unknown>, fc.Arbitrary<unknown>][] = [
  [
    WorkRecord,
    fc.record({
      node: fc.nat(),
      service: fc.nat(),
      commodity: fc.nat(255),
      units: u64,
      deliveries: fc.maxSafeNat(),
      lanes: fc.maxSafeNat(),
      revenue: u64,
    }),
  ],
  [BalanceChange, change],
  [Nested, fc.record({ key: bytes(48), amount: u64 })],
  [new ContainerType({ one: Uint8 }), fc.record({ one: fc.nat(255) })],
  [
    new ContainerType({ a: Bytes20, b: Bytes32, c: Uint8 }),
    fc.record({ a: bytes(20), b: bytes(32), c: fc.nat(255) }),
  ],
];

test("roots and encodings of many records at once are those of each, whether or not their fields are one chunk each", () => {
  for (const [type, arbitrary] of kinds) {
    const [sample] = fc.sample(arbitrary, { seed: SEED, numRuns: 1 });
    // more than are hashed in one call
    const many = [...fc.sample(arbitrary, { seed: SEED, numRuns: 30 }), ...new Array(1000).fill(sample)];
    for (const records of [[], many.slice(0, 1), many.slice(0, 7), many]) {
      const { encoded, roots } = new RecordRoots(type).compute(records);
      assert.equal(roots.length, 32 * records.length);
      for (const [at, record] of records.entries()) {
        assert.deepEqual(encoded[at], type.serialize(record));
        assert.deepEqual(roots.slice(32 * at, 32 * at + 32), type.hashTreeRoot(record));
      }
    }
  }
});

/** Lengths after which a level of the tree, or its memory, is full. */
const batch = fc.tuple(
  fc.oneof(fc.nat(3), fc.constantFrom(63, 64, 65, 200, 1500)),
  fc.array(fc.nat(), { maxLength: 40 }),
);

test("a list of roots that grows and changes has the library's root after each update", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(2 ** 32, 2 ** 24, 5000),
      fc.array(batch, { maxLength: 6 }),
      (limit, batches) => {
        const list = new RootList(limit);
        const reference = new ListCompositeType(Bytes32, limit);
        const leaves: Uint8Array[] = [];
        assert.deepEqual(list.root(), reference.hashTreeRoot(leaves));
        for (const [step, [added, touched]] of batches.entries()) {
          const old = leaves.length;
          const fresh = Array.from({ length: Math.min(added, limit - old) }, (_, at) => old + at);
          const changed = touched.filter(() => old > 0).map((index) => index % old);
          const indexes = [...new Set([...changed, ...fresh])].sort((a, b) => a - b);
          for (const index of indexes) leaves[index] = new Uint8Array(32).fill((index + 7 * step) % 256);
          const roots = new Uint8Array(32 * indexes.length);
          for (const [at, index] of indexes.entries()) roots.set(leaves[index] as Uint8Array, 32 * at);
          list.update(indexes, roots);
          assert.deepEqual(list.root(), reference.hashTreeRoot(leaves));
        }
        list.clear();
        assert.deepEqual(list.root(), reference.hashTreeRoot([]));
      },
    ),
    { seed: SEED, numRuns: 60 },
  );
});

test("a full list has no level too many", () => {
  for (const limit of [1, 2, 64, 128]) {
    const list = new RootList(limit);
    const leaves = Array.from({ length: limit }, (_, at) => new Uint8Array(32).fill(at));
    list.update(
      leaves.map((_, at) => at),
      new Uint8Array(leaves.flatMap((leaf) => [...leaf])),
    );
    assert.deepEqual(list.root(), new ListCompositeType(Bytes32, limit).hashTreeRoot(leaves));
  }
});

test("bytes that are lent are those of the value, whatever was lent before", () => {
  const ack = { ...Ack.defaultValue(), epoch: 3, units: 7n, log: new Uint8Array(32).fill(9) };
  for (const value of [ack, Ack.defaultValue(), ack]) {
    assert.deepEqual(
      withBytes(Ack, value, (lent) => lent.slice()),
      Ack.serialize(value),
    );
  }
  const long = Block.defaultValue();
  long.input.transactions = [new Uint8Array(1000).fill(1)];
  assert.deepEqual(
    withBytes(Block, long, (lent) => lent.slice()),
    Block.serialize(long),
  );
});
