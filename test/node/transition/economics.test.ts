import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { laneCost, payable } from "#node/transition/block/lane-payment.ts";
import { lotBurn } from "#node/transition/block/process-lot-closed.ts";
import { grant } from "#node/transition/epoch/flk-grants.ts";
import {
  boostFactor,
  emissionOver,
  scheduledEmission,
  scheduledShares,
} from "#node/transition/epoch/flk-schedule.ts";
import { redirectShares, type Shares, splitRevenue } from "#node/transition/epoch/split-revenue.ts";
import { TX } from "#protocol/types/transactions.ts";
import vectors from "../../vectors/economics.json" with { type: "json" };
import { client, World } from "./support/world.ts";

const page = readFileSync(new URL("../../../docs/spec/economics.md", import.meta.url), "utf8");

type Example = Record<string, string | number | (string | number)[]>;

function rowOf(example: Example): string {
  const cells = Object.values(example).map((value) =>
    Array.isArray(value) ? value.join("/") : String(value),
  );
  return `| ${cells.join(" | ")} |`;
}

function isShown(example: Example): void {
  assert.ok(page.includes(rowOf(example)), `docs/spec/economics.md does not show ${rowOf(example)}`);
}

const sharesOf = (bps: readonly (string | number)[]): Shares => bps.map(BigInt) as unknown as Shares;

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
    assert.deepEqual(splitRevenue(BigInt(example.revenue), sharesOf(example.bps)), {
      node: BigInt(example.node),
      service: BigInt(example.service),
      treasury: BigInt(example.treasury),
      buyback: BigInt(example.buyback),
    });
    isShown(example);
  }
});

test("ECO-PAYEE: the examples of the page", () => {
  for (const example of vectors.payee) {
    const [node = 0n, service = 0n, treasury = 0n, buyback = 0n] = example.split.split("/").map(BigInt);
    const has = (payee: string): boolean => !example.missing.split("/").includes(payee);
    const payees = { service: has("service"), treasury: has("treasury"), buyback: has("buyback") };
    const paid = redirectShares({ node, service, treasury, buyback }, payees);
    assert.equal([paid.node, paid.service, paid.treasury, paid.buyback].join("/"), example.paid);
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

test("ECO-YEAR: the examples of the page", () => {
  for (const example of vectors.year) {
    const { openTime, closeTime, yearStart } = example;
    const [supplyAtYearStart, supply, inflationBps] = [
      example.supplyAtYearStart,
      example.supply,
      example.inflationBps,
    ].map(BigInt) as [bigint, bigint, bigint];
    assert.deepEqual(
      emissionOver({ openTime, closeTime, yearStart, supplyAtYearStart, supply, inflationBps }),
      {
        wei: BigInt(example.emission),
        yearStart: example.newYearStart,
        supplyAtYearStart: BigInt(example.newSupply),
      },
    );
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

test("ECO-NOPROFIT: the examples of the page, with FLK at one wei per micro-USD", () => {
  for (const example of vectors.noProfit) {
    const { treasury, buyback } = splitRevenue(BigInt(example.revenue), sharesOf(example.bps));
    const lot = { kappaBps: BigInt(example.kappaBps), lotBurn: buyback, buyback, lotBuyback: buyback };
    const granted = grant({ ...lot, scheduled: 1n << 128n });
    const lost = treasury + buyback - granted;
    assert.deepEqual([treasury, buyback, granted, lost].map(String), [
      example.treasury,
      example.buyback,
      example.granted,
      example.lost,
    ]);
    isShown(example);
  }
});

test("ECO-CONSERVE: the examples of the page", () => {
  for (const example of vectors.conserve) {
    const limit = BigInt(example.deposits);
    const world = new World({ deposits: [[client, limit]], prices: [1_000_000_000n] });
    world.run(world.authorize(client, "s", { limit }));
    const units = BigInt(example.paid);
    if (units > 0n) world.run(world.submitAcks(1, [world.ack(client, "s", { units })]));
    const amount = BigInt(example.withdrawn);
    const nonce = world.state.account(client.address)?.nonce ?? 0;
    const body = { account: client.address, nonce, amount };
    if (amount > 0n) world.run(client.sign(world.network, { kind: TX.withdraw, body }));
    const { totalDeposits, totalBalances, totalPayoutStable } = world.state.meta.value;
    const revenue = [...world.state.work.values()].reduce((sum, work) => sum + work.revenue, 0n);
    assert.deepEqual([totalBalances, totalPayoutStable, revenue].map(String), [
      example.balances,
      example.payouts,
      example.revenue,
    ]);
    assert.equal(totalBalances + totalPayoutStable + revenue, totalDeposits);
    assert.equal(world.close().report.revenue, revenue);
    isShown(example);
  }
});

test("every formula of the page has examples, and every example of the page is computed", () => {
  const computed = new Set(Object.values(vectors).flatMap((examples: Example[]) => examples.map(rowOf)));
  for (const section of page.split(/^## /m).slice(1)) {
    const id = section.slice(0, section.indexOf(":"));
    const [, , ...rows] = [...section.matchAll(/^ *(\|.*\|)$/gm)].map(([, row]) => row ?? "");
    for (const row of rows) assert.ok(computed.has(row), `${id} shows ${row}, which nothing computes`);
    assert.ok(rows.length > 0 || !/^ {4}/m.test(section), `${id} has a formula without an example`);
  }
});
