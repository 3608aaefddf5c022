import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { measureThreats, type Row, violations } from "#scripts/bench/eigentrust/measure.ts";
import { plotThreats } from "#scripts/bench/eigentrust/plot.ts";
import { THREATS } from "#scripts/bench/eigentrust/threats.ts";
import { estimate } from "#scripts/bench/support/estimate.ts";

/** One row of each model; the whole is `npm run bench -- eigentrust`. */
const ROWS = ["A individual 40", "B collective 40", "C camouflage 50", "D spies 20", "Sybil newcomers 20"];
const MORE = ["Sleepers 20", "Bribed reporters 20", "Equal stake 30"];
const SMALL = { epochs: 12, from: 6, requests: 12 };

describe("reputation under attack, reduced", () => {
  const threats = THREATS.filter(({ id }) => [...ROWS, ...MORE].includes(id));
  const rows = measureThreats(threats, 3, SMALL, () => undefined);

  it("has every row once", () => {
    assert.equal(new Set(THREATS.map(({ id }) => id)).size, THREATS.length);
    assert.equal(rows.length, ROWS.length + MORE.length);
  });

  for (const row of rows) {
    it(`${row.id}: less bad service than EigenTrust and than none`, () => {
      const { flk, none, EigenTrust } = row.bad;
      assert.ok(flk && none && EigenTrust);
      assert.ok(flk.mean <= EigenTrust.mean + 0.01, `${flk.mean} and ${EigenTrust.mean}`);
      assert.ok(flk.mean < none.mean, `${flk.mean} and ${none.mean}`);
    });
  }

  it("honest nodes that ask each peer seldom keep their word against 30 % of the stake", () => {
    const flk = rows.find(({ id }) => id === "Equal stake 30")?.bad.flk;
    assert.ok(flk && flk.mean < 0.1, `${flk?.mean}`);
  });

  it("repeats itself", () => {
    assert.deepEqual(
      measureThreats(threats.slice(0, 1), 3, SMALL, () => undefined),
      rows.slice(0, 1),
    );
  });

  it("plots each model once", () => {
    const svg = plotThreats(rows);
    assert.equal(svg.match(/font-weight="bold"/g)?.length, 8);
    assert.ok(!svg.includes("NaN"));
  });
});

describe("what the bench refuses", () => {
  const row = (model: string, flk: number, difference: number): Row => ({
    ...{ id: model, model, axis: "x", x: 1 },
    bad: { flk: { mean: flk, error: 0.001 } },
    difference: { mean: difference, error: 0.001 },
  });

  it("a row above EigenTrust, and a peak under camouflage", () => {
    assert.deepEqual(violations([row("B", 0.3, 0.008), row("C camouflage", 0.25, -0.1)]), []);
    assert.equal(violations([row("B", 0.3, 0.0095)]).length, 1);
    assert.equal(violations([row("C camouflage", 0.2575, -0.1)]).length, 1);
  });

  it("a figure of one seed", () => {
    assert.equal(estimate([1]).error, Number.POSITIVE_INFINITY);
    assert.deepEqual(estimate([2, 2, 2]), { mean: 2, error: 0 });
  });

  it("the interval of as many seeds as there are", () => {
    const half = (n: number): number => {
      const { error } = estimate(Array.from({ length: n }, (_, i) => i % 2));
      const variance = n % 2 === 0 ? n / 4 / (n - 1) : (n + 1) / 4 / n;
      return Number((error / Math.sqrt(variance / n)).toFixed(3));
    };
    assert.deepEqual(
      [2, 10, 11, 12, 19, 20, 40].map(half),
      [12.706, 2.262, 2.228, 2.201, 2.101, 2.093, 2.093],
    );
  });
});
