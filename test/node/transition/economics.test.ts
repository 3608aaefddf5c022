import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { laneCost, payable } from "#node/transition/block/lane-payment.ts";
import { lotBurn } from "#node/transition/block/process-lot-closed.ts";
import { grant } from "#node/transition/epoch/flk-grants.ts";
import { boostFactor, scheduledEmission, scheduledShares } from "#node/transition/epoch/flk-schedule.ts";
import { type Shares, splitRevenue } from "#node/transition/epoch/split-revenue.ts";
import vectors from "../../vectors/economics.json" with { type: "json" };

const page = readFileSync(new URL("../../../docs/spec/economics.md", import.meta.url), "utf8");

function isShown(example: Record<string, string | number | (string | number)[]>): void {
  const cells = Object.values(example).map((value) =>
    Array.isArray(value) ? value.join("/") : String(value),
  );
  const row = `| ${cells.join(" | ")} |`;
  assert.ok(page.includes(row), `docs/spec/economics.md does not show ${row}`);
}

test("ECO-LANE: the examples of the page", () => {
  for (const example of vectors.lane) {
    assert.equal(laneCost(BigInt(example.price), BigInt(example.units)), BigInt(example.cost));
    isShown(example);
  }
});

test("ECO-PARTIAL: the examples of the page", () => {
  for (const example of vectors.partial) {
    const [price, recorded, units, money] = [
      example.price,
      example.recorded,
      example.units,
      example.money,
    ].map(BigInt);
    const result = payable(price ?? 0n, recorded ?? 0n, units ?? 0n, money ?? 0n);
    assert.deepEqual(result, { units: BigInt(example.newRecorded), amount: BigInt(example.paid) });
    isShown(example);
  }
});

test("ECO-SPLIT: the examples of the page", () => {
  for (const example of vectors.split) {
    const [node = 0n, service = 0n, treasury = 0n, buyback = 0n] = example.bps.map(BigInt);
    const shares: Shares = [node, service, treasury, buyback];
    assert.deepEqual(splitRevenue(BigInt(example.revenue), shares), {
      node: BigInt(example.node),
      service: BigInt(example.service),
      treasury: BigInt(example.treasury),
      buyback: BigInt(example.buyback),
    });
    isShown(example);
  }
});

test("ECO-SCHEDULE: the examples of the page", () => {
  for (const example of vectors.schedule) {
    const emission = scheduledEmission(
      BigInt(example.supply),
      BigInt(example.inflationBps),
      example.elapsedMs,
    );
    assert.equal(emission, BigInt(example.emission));
    isShown(example);
  }
});

test("ECO-BOOST: the examples of the page", () => {
  for (const example of vectors.boost) {
    const terms = { maxLock: BigInt(example.maxLock), maxBoostBps: BigInt(example.maxBoostBps) };
    const factor = boostFactor(BigInt(example.lockedUntil), example.closeTime, terms);
    assert.equal(factor, BigInt(example.factor));
    isShown(example);
  }
});

test("ECO-SHARE: the examples of the page", () => {
  for (const example of vectors.share) {
    const factors = example.factors.map(BigInt);
    const weights = example.revenues.map((revenue, i) => BigInt(revenue) * (factors[i] ?? 0n));
    assert.deepEqual(scheduledShares(BigInt(example.emission), weights), example.scheduled.map(BigInt));
    isShown(example);
  }
});

test("ECO-LOT: the examples of the page", () => {
  for (const example of vectors.lot) {
    const { lotBuyback, lotBurn: expected, ...event } = example;
    const [sold, rolled, burned, counted] = [event.sold, event.rolled, event.burned, event.counted].map(
      BigInt,
    ) as [bigint, bigint, bigint, bigint];
    assert.equal(lotBurn({ sold, rolled, burned, counted }, BigInt(lotBuyback)), BigInt(expected));
    isShown(example);
  }
});

test("ECO-CAP: the examples of the page", () => {
  for (const example of vectors.cap) {
    const { cap, grant: granted, ...rest } = example;
    const args = {
      kappaBps: BigInt(rest.kappaBps),
      lotBurn: BigInt(rest.lotBurn),
      buyback: BigInt(rest.buyback),
      lotBuyback: BigInt(rest.lotBuyback),
    };
    assert.equal(grant({ ...args, scheduled: BigInt(rest.scheduled) }), BigInt(granted));
    assert.equal(grant({ ...args, scheduled: 1n << 128n }), BigInt(cap));
    isShown(example);
  }
});
