import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { laneCost, payable } from "#node/transition/block/lane-payment.ts";

const price = fc.bigInt({ min: 0n, max: 1n << 40n });
const units = fc.bigInt({ min: 0n, max: 1n << 50n });

test("a partial payment is affordable, exact, and the furthest possible", () => {
  fc.assert(
    fc.property(price, units, units, fc.bigInt({ min: 0n, max: 1n << 60n }), (p, a, b, money) => {
      const [recorded, target] = a < b ? [a, b] : [b, a];
      const result = payable(p, recorded, target, money);
      assert.ok(result.units >= recorded && result.units <= target);
      assert.ok(result.amount >= 0n && result.amount <= money);
      assert.equal(result.amount, laneCost(p, result.units) - laneCost(p, recorded));
      if (result.units < target) assert.ok(laneCost(p, result.units + 1n) - laneCost(p, recorded) > money);
    }),
    { numRuns: 500 },
  );
});

test("whatever the order and the money at hand, a lane costs floor(price · units / 10^9) in the end", () => {
  const step = fc.record({ units, money: fc.bigInt({ min: 0n, max: 1n << 40n }) });
  fc.assert(
    fc.property(price, fc.array(step, { maxLength: 12 }), (p, steps) => {
      let recorded = 0n;
      let paid = 0n;
      for (const { units: target, money } of steps) {
        if (target <= recorded) continue;
        const result = payable(p, recorded, target, money);
        recorded = result.units;
        paid += result.amount;
      }
      assert.equal(paid, laneCost(p, recorded));
    }),
  );
});
