import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { grant, scheduledEmission, YEAR_MS } from "#node/transition/epoch/flk-rewards.ts";
import { client, EPOCH_MS, FLK, START, World } from "../support/world.ts";

test("a year of epochs never emits more than the yearly rate, however it is cut", () => {
  const cuts = fc.array(fc.nat(YEAR_MS), { maxLength: 40 });
  fc.assert(
    fc.property(
      cuts,
      fc.bigInt({ min: 0n, max: 10n ** 27n }),
      fc.bigInt({ min: 0n, max: 10_000n }),
      (at, supply, bps) => {
        const times = [0, ...at.sort((a, b) => a - b), YEAR_MS];
        let sum = 0n;
        for (let i = 1; i < times.length; i++) {
          sum += scheduledEmission(supply, bps, (times[i] ?? 0) - (times[i - 1] ?? 0));
        }
        assert.ok(sum <= (supply * bps) / 10_000n);
      },
    ),
  );
});

test("self-dealing never pays: FLK granted on washed revenue is worth at most half of what the buyback took", () => {
  const amount = fc.bigInt({ min: 0n, max: 10n ** 13n });
  const args = fc.record({
    honest: amount,
    wash: fc.array(amount, { minLength: 1, maxLength: 8 }),
    bps: fc.bigInt({ min: 0n, max: 10_000n }),
    price: fc.bigInt({ min: 1n, max: 10n ** 9n }),
    emission: fc.bigInt({ min: 0n, max: 10n ** 26n }),
  });
  fc.assert(
    fc.property(args, ({ honest, wash, bps, price, emission }) => {
      const totalRevenue = wash.reduce((sum, revenue) => sum + revenue, honest);
      let wei = 0n;
      let lost = 0n;
      for (const revenue of wash) {
        const buyback = (revenue * bps) / 10_000n;
        lost += buyback;
        wei += grant({ emission, revenue, totalRevenue, buyback, kappaBps: 5000n, price });
      }
      assert.ok(wei * price * 2n <= lost * 10n ** 18n);
    }),
  );
});

test("nothing is granted without a price, without a buyback, or without revenue", () => {
  const args = { emission: FLK, revenue: 10n, totalRevenue: 10n, buyback: 1n, kappaBps: 5000n, price: 1n };
  assert.ok(grant(args) > 0n);
  assert.equal(grant({ ...args, price: 0n }), 0n);
  assert.equal(grant({ ...args, buyback: 0n }), 0n);
  assert.equal(grant({ ...args, revenue: 0n, totalRevenue: 0n }), 0n);
});

test("a new protocol year counts from the supply minted so far; an epoch over its start accrues each part apart", () => {
  const supply = 1_000_000n * FLK;
  const parameters = {
    epochLengthMs: 1000n,
    flkPriceMicroUsd: 1n,
  };
  const world = new World({
    parameters,
    flkSupply: supply,
    deposits: [[client, 10n ** 9n]],
    prices: [1_000_000_000n],
  });
  world.run(world.authorize(client, "s", { limit: 10n ** 9n }));
  const earn = () => world.run(world.submitAcks(1, [world.ack(client, "s", { units: 10_000_000n })]));
  earn();
  const half = world.close({ time: START + YEAR_MS / 2 }).report.flkMinted;
  assert.equal(half, supply / 10n / 2n);
  earn();
  const across = world.close({ time: START + YEAR_MS + YEAR_MS / 4 }).report.flkMinted;
  assert.equal(across, supply / 10n / 2n + (supply + half) / 10n / 4n);
  earn();
  const year = world.state.meta.value;
  assert.equal(year.yearStart, START + YEAR_MS);
  assert.equal(year.supplyAtYearStart, supply + half);
});

test("whatever was voted, no more FLK than the supply a year, and no more than half of what the buyback part buys", () => {
  const most = (1n << 256n) - 1n;
  const parameters = { maxInflationBps: most, kappaBps: most, flkPriceMicroUsd: 1n };
  const world = new World({ parameters, deposits: [[client, 1n << 62n]] });
  world.run(world.authorize(client, "s", { limit: 1n << 62n }));
  world.run(world.submitAcks(1, [world.ack(client, "s", { units: (1n << 62n) - 1n })]));
  const { report } = world.close();
  assert.equal(report.flkMinted, scheduledEmission(100_000_000n * FLK, 10_000n, EPOCH_MS));
  world.run(world.submitAcks(1, [world.ack(client, "s", { units: 10_000n })]));
  const { buyback, flkMinted } = world.close().report;
  assert.equal(flkMinted, (buyback * FLK) / 2n);
});
