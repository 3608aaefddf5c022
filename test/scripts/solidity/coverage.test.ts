import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { probe } from "#scripts/check/solidity/coverage-probes.ts";
import { PROBES, probeOf } from "#scripts/check/solidity/probes.ts";
import { setAsideOf } from "#scripts/check/solidity/set-aside.ts";
import { Source } from "#scripts/check/solidity/source.ts";
import { TestRunner } from "#scripts/check/solidity/test-runner.ts";
import { countOf } from "#scripts/check/tested-lines/solidity.ts";
import { COUNTER, compileCounter, load } from "./support/counter.ts";

async function coverage() {
  const unit = compileCounter("ast").asts.get(COUNTER);
  assert.ok(unit);
  let ids = 0;
  const probed = probe(new Source(COUNTER, load(COUNTER)), unit, () => ++ids);
  const changed = new Map([
    [COUNTER, probed.content],
    [PROBES.file, PROBES.source],
  ]);
  const build = compileCounter("code", changed);
  assert.deepEqual(build.errors, []);
  const runner = await TestRunner.of(build);
  const ran = new Set<number>();
  const onHits = (hits: Uint8Array[]): void => {
    for (const hit of hits) ran.add(probeOf(hit));
  };
  const outcomes = await runner.run({ suites: runner.suites, onHits });
  assert.ok(outcomes.every(({ passed }) => passed));
  return { probed, counted: countOf(probed, ran) };
}

describe("coverage of contracts", () => {
  it("counts lines and branches that a test ran, and no others", async () => {
    const { counted } = await coverage();
    assert.deepEqual(counted, {
      file: COUNTER,
      found: 6,
      hit: 4,
      branches: { found: 8, hit: 7 },
      missed: [
        { line: 8, what: "" },
        { line: 8, what: "msg.sender != owner is true" },
        { line: 20, what: "" },
      ],
    });
  });

  it("moves no line", async () => {
    const { probed } = await coverage();
    const lines = (code: string): number => code.split("\n").length;
    // The import of the probes comes after the last line.
    assert.equal(lines(probed.content), lines(load(COUNTER)) + 2);
    assert.match(probed.content.split("\n")[12] ?? "", /count \+= by;$/);
  });
});

describe("tests that fail with probes in the code", () => {
  const outcome = (test: string, passed: boolean) => {
    return { suite: { name: "T", source: "T.t.sol" }, test, passed, reason: undefined, gas: 0n };
  };
  const many = Array.from({ length: 99 }, (_, i) => outcome(`test_${i}`, true));

  it("are set aside when they are few, and an error when they are not", () => {
    assert.deepEqual(
      setAsideOf([...many, outcome("test_Gas", false)]).map(({ test }) => test),
      ["test_Gas"],
    );
    assert.throws(() => setAsideOf([outcome("test_A", true), outcome("test_B", false)]), {
      code: "ERR_SOLIDITY_TESTS",
    });
  });
});
