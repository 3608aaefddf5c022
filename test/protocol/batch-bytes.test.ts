import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { errorCode } from "#protocol/errors/error.ts";
import { MAX_BATCH_TRANSACTIONS, MAX_TRANSACTION_BYTES } from "#protocol/params/limits.ts";
import { decodeBatch } from "#protocol/types/batch-bytes.ts";
import { decode } from "#protocol/types/codec.ts";
import { Batch } from "#protocol/types/consensus.ts";

const batch = fc.record({
  epoch: fc.nat(Number.MAX_SAFE_INTEGER),
  author: fc.nat(2 ** 32 - 1),
  worker: fc.nat(255),
  sequence: fc.nat(Number.MAX_SAFE_INTEGER),
  transactions: fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }),
});

/** The value, its transactions copied out of whatever they are views of, or the code of the error. */
function outcome(read: (bytes: Uint8Array) => Batch, bytes: Uint8Array): unknown {
  try {
    const value = read(bytes);
    return { ...value, transactions: value.transactions.map((transaction) => [...transaction]) };
  } catch (error) {
    return errorCode(error);
  }
}

const reference = (bytes: Uint8Array) => decode(Batch, bytes);

test("every batch is read as the SSZ library reads it, and its transactions are views of the bytes", () => {
  fc.assert(
    fc.property(batch, (value) => {
      const bytes = Batch.serialize(value);
      assert.deepEqual(outcome(decodeBatch, bytes), outcome(reference, bytes));
      for (const { buffer } of decodeBatch(bytes).transactions) assert.equal(buffer, bytes.buffer);
    }),
    { seed: 11, numRuns: 300 },
  );
});

test("whatever is changed in a batch's bytes, both refuse it or read the same; of random bytes, too", () => {
  const change = fc.record({ at: fc.nat(60), to: fc.nat(255), cut: fc.nat(6), more: fc.nat(3) });
  let refused = 0;
  let read = 0;
  fc.assert(
    fc.property(batch, fc.array(change, { minLength: 1, maxLength: 3 }), (value, changes) => {
      let bytes = Batch.serialize(value);
      for (const { at, to, cut, more } of changes) {
        bytes = Uint8Array.from([
          ...bytes.subarray(0, bytes.length - (more === 0 ? cut : 0)),
          ...new Uint8Array(more === 1 ? 1 : 0),
        ]);
        if (at < bytes.length) bytes[at] = to;
      }
      const ours = outcome(decodeBatch, bytes);
      assert.deepEqual(ours, outcome(reference, bytes));
      if (typeof ours === "string") refused++;
      else read++;
    }),
    { seed: 12, numRuns: 3000 },
  );
  assert.ok(refused > 500 && read > 500, `${refused} refused, ${read} read`);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      assert.deepEqual(outcome(decodeBatch, bytes), outcome(reference, bytes));
    }),
    { seed: 13, numRuns: 500 },
  );
});

test("limits are those of the wire type: transactions, and bytes of one", () => {
  const withAll = (transactions: Uint8Array[]) => ({
    epoch: 1,
    author: 2,
    worker: 0,
    sequence: 3,
    transactions,
  });
  const largest = new Uint8Array(MAX_TRANSACTION_BYTES + 256);
  const most = Array.from({ length: MAX_BATCH_TRANSACTIONS }, () => new Uint8Array(0));
  for (const transactions of [[largest], most]) {
    const bytes = Batch.serialize(withAll(transactions));
    assert.equal(decodeBatch(bytes).transactions.length, transactions.length);
    assert.equal(outcome(reference, bytes) instanceof Object, true);
  }
  const tooLarge = Uint8Array.from([...Batch.serialize(withAll([largest])), 0]);
  const tooMany = Uint8Array.from([...Batch.serialize(withAll(most)), 0, 0, 0, 0]);
  const offsets = new DataView(tooMany.buffer, 25);
  for (let i = 0; i <= MAX_BATCH_TRANSACTIONS; i++)
    offsets.setUint32(4 * i, 4 * (MAX_BATCH_TRANSACTIONS + 1), true);
  for (const bytes of [tooLarge, tooMany]) {
    assert.equal(outcome(decodeBatch, bytes), "ERR_DECODE");
    assert.equal(outcome(reference, bytes), "ERR_DECODE");
  }
});
