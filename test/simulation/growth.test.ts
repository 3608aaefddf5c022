import assert from "node:assert/strict";
import { test } from "node:test";
import { growth, growthTable } from "./growth/growth.ts";

test("a healthy committee sends what the protocol needs and no more, and the counts are the same each time", async () => {
  const options = { nodes: 4, rate: 200, bytes: 512, seconds: 2 };
  const { cpuMsPerTx: _, ...first } = await growth(options);
  const { cpuMsPerTx, ...again } = await growth(options);
  assert.deepEqual(again, first);
  assert.equal(first.transactions, 400);
  assert.ok(first.rounds >= 8, `${first.rounds} rounds`);
  const { headers, votes, certificates } = first.perRound;
  for (const [kind, count] of Object.entries({ headers, votes, certificates })) {
    // the rounds at the two ends may be cut
    assert.ok(count > 10 && count < 14, `${count} ${kind} a round for 12 that are needed`);
  }
  assert.ok(first.bytesPerTx > 3 * 512, "everybody gets every transaction");
  assert.equal(growthTable([{ ...again, cpuMsPerTx }]).split("\n").length, 2);
});
