import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { candidates } from "#scripts/check/mutation/candidates.ts";
import { mutationDocument } from "#scripts/check/mutation/document.ts";
import { keyOf, type NamedMutant } from "#scripts/check/mutation/mutant.ts";
import type { Judged } from "#scripts/check/mutation/mutate.ts";
import { line, problems, score } from "#scripts/check/mutation/report.ts";
import { sample } from "#scripts/check/mutation/sample.ts";
import { plainly, schemata } from "#scripts/check/mutation/schemata.ts";
import { sortOut } from "#scripts/check/mutation/sort-out.ts";
import { Trials, tryBuild } from "#scripts/check/mutation/trial.ts";
import { FIRST_MUTANT } from "#scripts/check/solidity/probes.ts";
import { Source, weave } from "#scripts/check/solidity/source.ts";
import { TestRunner } from "#scripts/check/solidity/test-runner.ts";
import { COUNTER, compileCounter, load } from "./support/counter.ts";

const { asts } = compileCounter("ast");
const unit = asts.get(COUNTER);
assert.ok(unit);
const mutants = candidates(new Source(COUNTER, load(COUNTER)), unit);
const numbered = new Map(mutants.map((mutant, i) => [FIRST_MUTANT + i, mutant]));
const named = ({ name }: NamedMutant): string => `${name.operator}: ${name.source} → ${name.becomes}`;

describe("mutants of a contract", () => {
  it("come from every operator, with lines and names that tell equal code apart", () => {
    const names = mutants.map(named);
    for (const expected of [
      "condition: count + by > MOST → false",
      "comparison: count + by > MOST → count + by >= MOST",
      "arithmetic: count + by → count - by",
      "assignment: count += by → count = by",
      "delete: count += by; → {}",
      "delete: return count; → {}",
      "boolean: count == 0 || count == 1 → count == 0 && count == 1",
      "literal: 1 → 2",
      "constant: 3 → 4",
      "modifier: mine → ",
    ]) {
      assert.ok(names.includes(expected), `${expected} in\n${names.join("\n")}`);
    }
    assert.equal(new Set(mutants.map(({ name }) => keyOf(name))).size, mutants.length);
    assert.equal(mutants.find((mutant) => named(mutant) === "delete: count += by; → {}")?.line, 13);
  });

  it("leave out a revert that is all an if does: the condition says the same", () => {
    assert.ok(!mutants.some((mutant) => named(mutant).startsWith("delete: revert")));
  });

  it("do not count when they do not compile", () => {
    const { switched, alone, invalid } = sortOut(numbered, asts, load);
    assert.equal(switched.size + alone.size + invalid.size, mutants.length);
    assert.deepEqual([...invalid.values()].map(named), ["literal: 0 → 1"]);
    assert.equal([...invalid.values()][0]?.line, 20);
  });

  it("are killed or survive in one build as each does in a build of its own", async () => {
    const { switched } = sortOut(numbered, asts, load);
    const trials = await Trials.prepare(await runnerOf(schemata(switched, asts, load)));
    const survivors: string[] = [];
    for (const [id, mutant] of switched) {
      const verdict = await trials.of(id);
      if (verdict.killedBy === undefined) survivors.push(named(mutant));
      if (id % 9 !== 0 || !verdict.reached) continue;
      const own = await runnerOf(plainly(new Map([[id, mutant]]), load));
      const alone = await tryBuild(own, new Set());
      assert.equal(alone.killedBy === undefined, verdict.killedBy === undefined, named(mutant));
    }
    for (const survivor of ["modifier: mine → ", "comparison: count + by > MOST → count + by >= MOST"]) {
      assert.ok(survivors.includes(survivor), `${survivor} in\n${survivors.join("\n")}`);
    }
    for (const killed of ["condition: count + by > MOST → false", "delete: count += by; → {}"]) {
      assert.ok(!survivors.includes(killed), killed);
    }
  });
});

async function runnerOf(changed: Map<string, string>): Promise<TestRunner> {
  const build = compileCounter("code", changed);
  assert.deepEqual(build.errors, []);
  return TestRunner.of(build);
}

describe("a sample", () => {
  it("is the same for the same seed, and keeps its order when others come", () => {
    const picked = sample(mutants, 5, "1");
    assert.deepEqual(sample(mutants.toReversed(), 5, "1"), picked);
    assert.notDeepEqual(sample(mutants, 5, "2"), picked);
    assert.deepEqual(sample(picked, 3, "1"), picked.slice(0, 3));
  });
});

describe("weaving", () => {
  it("nests wraps and refuses those that overlap", () => {
    const outer = { start: 0, end: 5, wrap: (inner: string) => `[${inner}]` };
    const inner = { start: 4, end: 5, wrap: (code: string) => `(${code})` };
    assert.equal(weave("a + b;", [inner, outer]), "[a + (b)];");
    assert.equal(
      weave(
        "ab",
        [outer, outer].map((wrap) => ({ ...wrap, end: 2 })),
      ),
      "[[ab]]",
    );
    assert.throws(() => weave("a + b;", [outer, { ...inner, end: 6 }]), RangeError);
  });
});

describe("the report", () => {
  const [first, second, third] = mutants;
  assert.ok(first && second && third);
  const judged: Judged[] = [
    { mutant: first, killedBy: "T.test_A", reached: true, reason: undefined },
    { mutant: second, killedBy: undefined, reached: true, reason: undefined, gap: "too dear to test" },
    { mutant: third, killedBy: undefined, reached: true, reason: "nothing can tell" },
  ];
  const mutation = { judged, invalid: 0, stale: [], setAside: [] };

  it("does not count equivalent mutants", () => {
    const { mutants: count, killed, survived, equivalent, percent } = score("all", judged);
    assert.deepEqual([count, killed, survived, equivalent, percent], [2, 1, 1, 1, 50]);
  });

  it("fails below the floor, for a reason that names no mutant and for one whose mutant is killed", () => {
    assert.deepEqual(problems(mutation, 50), []);
    assert.match(problems(mutation, 51)[0] ?? "", /50 % of mutants killed, the floor is 51 %/);
    const dead: Judged = { mutant: first, killedBy: "T.test_A", reached: true, reason: "wrong" };
    const [stale, killed] = problems({ ...mutation, judged: [dead], stale: ["x"] }, 0);
    assert.match(`${stale} ${killed}`, /no mutant x equivalents\.json: T\.test_A kills/);
    const closed: Judged = {
      mutant: first,
      killedBy: "T.test_A",
      reached: true,
      reason: undefined,
      gap: "dear",
    };
    assert.match(problems({ ...mutation, judged: [closed] }, 0)[0] ?? "", /^gaps\.json: T\.test_A kills/);
  });

  it("shows survivors where they are, in the document with the reasons", () => {
    assert.match(line(judged[1] as Judged), /^contracts\/Counter\.sol:\d+ {2}\w+: .+ → /);
    const page = mutationDocument(mutation);
    assert.match(page, /\| all \| 2 \| 1 \| 1 \| 1 \| 50\.00 % \|/);
    assert.match(page, /nothing can tell/);
    assert.match(page, /too dear to test/);
  });
});

describe("npm run mutation", () => {
  for (const [what, args] of [
    ["an unknown option", ["--fast"]],
    ["contracts that are none", ["--contracts", "nothing"]],
    ["a sample that is no number", ["--sample", "0"]],
    ["a document of a sample", ["--write", "--sample", "3"]],
  ] as const) {
    it(`refuses ${what} with the usage`, () => {
      const { status, stderr } = spawnSync(process.execPath, ["scripts/check/mutation/main.ts", ...args]);
      assert.equal(status, 2);
      assert.match(stderr.toString(), /^error ERR_USAGE: .*\nusage: npm run mutation/);
    });
  }
});
