import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { problems, type Row } from "#scripts/bench/routing/bench.ts";
import { RULES, simulate } from "#scripts/bench/routing/simulate.ts";
import { MIXES, makeNodes } from "#scripts/bench/routing/world.ts";
import { Rng } from "#scripts/bench/support/rng.ts";

const REQUESTS = 12_000;

describe("routing, reduced", () => {
  const rows: Row[] = MIXES.flatMap((mix) =>
    RULES.map((rule) => ({ mix, rule, ...simulate(rule, 1, mix, REQUESTS) })),
  );

  it("by reputation and distance fails less than the other rules, is faster than chance and has a better p95 than the nearest; load and price help", () => {
    assert.deepEqual(problems(rows), []);
  });

  it("repeats itself", () => {
    assert.deepEqual({ mix: "even", rule: "random", ...simulate("random", 1, "even", REQUESTS) }, rows[0]);
  });

  it("scores come from what nodes saw of each other", () => {
    for (const { bad, reputation } of makeNodes(new Rng(3), "even"))
      assert.ok(bad ? reputation < 10 : reputation > 60);
  });

  it("nodes differ in load and price only where they are mixed", () => {
    const count = (mix: (typeof MIXES)[number]) => {
      const nodes = makeNodes(new Rng(3), mix);
      return [nodes.filter(({ left }) => left < 1).length, nodes.filter(({ dear }) => dear).length];
    };
    assert.deepEqual(
      [count("even"), count("mixed")],
      [
        [0, 0],
        [20, 10],
      ],
    );
  });

  it("says what does not hold", () => {
    const worse = rows.map((row) =>
      row.rule === "flk-offers" ? { ...row, p50: 9e9, p95: 9e9, failed: 1 } : row,
    );
    assert.equal(problems(worse).length, 7);
    assert.deepEqual(problems([]), ["a rule is missing"]);
  });
});
