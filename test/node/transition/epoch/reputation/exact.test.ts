import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  FULL,
  partition,
  quotient,
  rateOf,
  shareOf,
  WHOLE,
} from "#node/transition/epoch/reputation/exact.ts";

const SEED = { seed: 6, numRuns: 2_000 };
const part = fc.oneof(
  fc.constantFrom(0, 1, WHOLE - 1, WHOLE),
  fc.maxSafeNat().map((n) => n % (WHOLE + 1)),
);
const rate = fc.oneof(fc.constantFrom(0, 1, FULL), fc.nat(FULL));

describe("REP-EXACT: doubles give what integers give", () => {
  it("shares", () => {
    fc.assert(
      fc.property(part, part, (a, b) => {
        assert.equal(BigInt(shareOf(a, b)), (BigInt(a) * BigInt(b)) / BigInt(WHOLE));
      }),
      SEED,
    );
  });

  it("rates", () => {
    fc.assert(
      fc.property(part, rate, (a, b) => {
        assert.equal(BigInt(rateOf(a, b)), (BigInt(a) * BigInt(b)) / BigInt(FULL));
      }),
      SEED,
    );
  });

  it("quotients", () => {
    fc.assert(
      fc.property(part, fc.integer({ min: 1, max: 2 ** 32 }), (a, b) => {
        assert.equal(BigInt(quotient(a, b)), BigInt(a) / BigInt(b));
      }),
      SEED,
    );
  });

  it("partitions: all of the whole, in proportion", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 1n << 128n }), { minLength: 1 }), (weights) => {
        const parts = [...partition(weights)];
        assert.equal(
          parts.reduce((sum, value) => sum + BigInt(value), 0n),
          BigInt(WHOLE),
        );
        const sum = weights.reduce((total, weight) => total + weight, 0n);
        for (const [i, weight] of weights.entries()) {
          const exact = sum === 0n ? BigInt(WHOLE) / BigInt(weights.length) : (weight * BigInt(WHOLE)) / sum;
          const off = BigInt(parts[i] as number) - exact;
          assert.ok(off >= 0n && off <= BigInt(weights.length), `${off} too much`);
        }
      }),
      SEED,
    );
  });

  it("no parts of nothing", () => {
    assert.equal(partition([]).length, 0);
  });
});
