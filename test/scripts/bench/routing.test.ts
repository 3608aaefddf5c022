import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { problems } from "#scripts/bench/routing/bench.ts";
import { RULES, simulate } from "#scripts/bench/routing/simulate.ts";
import { makeNodes } from "#scripts/bench/routing/world.ts";
import { Rng } from "#scripts/bench/support/rng.ts";

const REQUESTS = 12_000;

describe("routing, reduced", () => {
  const rows = RULES.map((rule) => ({ rule, ...simulate(rule, 1, REQUESTS) }));

  it("by reputation and distance fails less than the other rules, is faster than chance and has a better p95 than the nearest", () => {
    assert.deepEqual(problems(rows), []);
  });

  it("repeats itself", () => {
    assert.deepEqual({ rule: "random", ...simulate("random", 1, REQUESTS) }, rows[0]);
  });

  it("scores come from what nodes saw of each other", () => {
    for (const { bad, reputation } of makeNodes(new Rng(3)))
      assert.ok(bad ? reputation < 10 : reputation > 60);
  });

  it("says what does not hold", () => {
    const worse = rows.map((row) => (row.rule === "flk" ? { ...row, p50: 9e9, p95: 9e9, failed: 1 } : row));
    assert.equal(problems(worse).length, 3);
    assert.deepEqual(problems([]), ["a rule is missing"]);
  });
});
