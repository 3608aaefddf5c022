import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { LEAST } from "./chain/run-seed.ts";
import { parseRunOptions } from "./run/options.ts";
import { complaints, count, emptySummary } from "./run/report.ts";
import { runTask, type TaskResult } from "./run/task.ts";

/** A short sample of `npm run sim`. */
for (const { seed, nodes } of [
  { seed: 2, nodes: 4 },
  { seed: 3, nodes: 7 },
]) {
  test(`${nodes} seats and one node more, all faults, seed ${seed}: no fork, no stall, nothing lost`, async () => {
    const result = await runTask({ seed, nodes, profile: "all", trace: true });
    assert.deepEqual([result.violations, result.stalls], [[], []]);
    assert.ok(result.rounds >= LEAST.rounds && result.epochs >= LEAST.epochs);
    const commit = JSON.parse(result.trace.at(-1) ?? "{}");
    const fields = ["seed", "nodes", "node", "epoch", "index", "anchor", "certificates", "transactions"];
    assert.deepEqual(Object.keys(commit), [...fields, "stateRoot"]);
    assert.ok(commit.certificates.length > 0);
  });
}

test("nodes that are asked to end, whatever they are doing, do so in time and have lost nothing when they are back", async () => {
  const result = await runTask({ seed: 1, nodes: 4, profile: "shutdown", trace: false });
  assert.deepEqual([result.violations, result.stalls], [[], []]);
  assert.ok((result.faults.shutdown ?? 0) >= 10, JSON.stringify(result.faults));
});

test("clocks of f machines that are set wrong by minutes hold nobody up once they are right again", async () => {
  const result = await runTask({ seed: 1, nodes: 4, profile: "clock-steps", trace: false });
  assert.deepEqual([result.violations, result.stalls], [[], []]);
  assert.ok((result.faults.clockStep ?? 0) >= 10, JSON.stringify(result.faults));
});

test("second copies and old backups of nodes refuse to sign, and the network goes on", async () => {
  const { violations, stalls, faults } = await runTask({
    seed: 1,
    nodes: 4,
    profile: "copies",
    trace: false,
  });
  assert.deepEqual([violations, stalls], [[], []]);
  const { secondCopy = 0, oldBackup = 0, doubleRefused = 0 } = faults;
  assert.ok(secondCopy > 0 && oldBackup > 0 && doubleRefused > 0, JSON.stringify(faults));
});

test("false answers to nodes that catch up stop nobody", async () => {
  const { violations, stalls, faults } = await runTask({
    seed: 1,
    nodes: 7,
    profile: "liars",
    trace: false,
  });
  assert.deepEqual([violations, stalls], [[], []]);
  assert.ok((faults.falseAnswer ?? 0) >= 10, JSON.stringify(faults));
});

test("the same seed gives the same trace", async () => {
  const run = () => runTask({ seed: 5, nodes: 4, profile: "all", trace: true });
  const hash = ({ trace }: TaskResult) => createHash("sha256").update(trace.join("\n")).digest("hex");
  const first = await run();
  assert.ok(first.trace.length > 50);
  assert.equal(hash(await run()), hash(first));
});

test("a run that did too little, or that found something, says how to see it again", () => {
  const options = parseRunOptions(["--seeds", "3", "--nodes", "4"]);
  const result = { seed: 3, nodes: 4, rounds: 10, commits: 5, epochs: 0, transactions: 0, virtualMs: 1 };
  const summary = emptySummary(options);
  const short = { ...result, faults: { crash: 1 }, violations: [], stalls: [] };
  count(summary, short);
  assert.equal(summary.short, 1);
  assert.match(
    complaints(short, options).join("\n"),
    /npm run sim -- --seed 3 --nodes 4 --profile all --jobs 1/,
  );
  assert.throws(() => parseRunOptions(["--profile", "weather"]), /no profile weather/);
  assert.throws(() => parseRunOptions(["--rate", "5"]), /are of --growth/);
  assert.deepEqual(parseRunOptions(["--growth"]).growth, { rate: 1_000, seconds: 5 });
});
