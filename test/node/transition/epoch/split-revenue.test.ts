import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { redirectShares, type Shares, splitRevenue } from "#node/transition/epoch/split-revenue.ts";

const shares = fc
  .tuple(fc.nat(10_000), fc.nat(10_000), fc.nat(10_000))
  .map((cuts) => [0, ...cuts.sort((a, b) => a - b), 10_000])
  .map(
    ([a = 0, b = 0, c = 0, d = 0, e = 0]): Shares => [
      BigInt(b - a),
      BigInt(c - b),
      BigInt(d - c),
      BigInt(e - d),
    ],
  );
const revenue = fc.bigInt({ min: 0n, max: 1n << 64n });

test("a split loses nothing, and no part is off by more than one micro-USD", () => {
  fc.assert(
    fc.property(revenue, shares, (amount, bps) => {
      const split = splitRevenue(amount, bps);
      const parts = [split.node, split.service, split.treasury, split.buyback];
      assert.equal(
        parts.reduce((sum, part) => sum + part, 0n),
        amount,
      );
      parts.forEach((part, i) => {
        const floor = (amount * (bps[i] ?? 0n)) / 10_000n;
        assert.ok(part === floor || part === floor + 1n);
      });
    }),
  );
});

test("what is left over goes to node, service, treasury in that order", () => {
  assert.deepEqual(splitRevenue(1n, [2500n, 2500n, 2500n, 2500n]), {
    node: 1n,
    service: 0n,
    treasury: 0n,
    buyback: 0n,
  });
  assert.deepEqual(splitRevenue(3n, [2500n, 2500n, 2500n, 2500n]), {
    node: 1n,
    service: 1n,
    treasury: 1n,
    buyback: 0n,
  });
});

test("a share without a payee goes to the treasury, or stays with the node", () => {
  const split = { node: 70n, service: 10n, treasury: 12n, buyback: 8n };
  const all = { service: true, treasury: true, buyback: true };
  assert.deepEqual(redirectShares(split, all), split);
  assert.deepEqual(redirectShares(split, { ...all, service: false }), {
    node: 70n,
    service: 0n,
    treasury: 22n,
    buyback: 8n,
  });
  assert.deepEqual(redirectShares(split, { ...all, buyback: false }), {
    node: 70n,
    service: 10n,
    treasury: 20n,
    buyback: 0n,
  });
  assert.deepEqual(redirectShares(split, { ...all, treasury: false }), {
    node: 82n,
    service: 10n,
    treasury: 0n,
    buyback: 8n,
  });
  const none = { service: false, treasury: false, buyback: false };
  assert.deepEqual(redirectShares(split, none), { node: 100n, service: 0n, treasury: 0n, buyback: 0n });
});
