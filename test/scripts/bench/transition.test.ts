import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isFlkError } from "#protocol/errors/error.ts";
import { measure } from "#scripts/bench/transition/measure.ts";
import { Workload } from "#scripts/bench/transition/workload.ts";

const OPTIONS = { nodes: 4, accounts: 30, lanes: 40, lanesPerBlock: 16 };

function makeLoad() {
  const workload = new Workload(OPTIONS);
  return {
    nodes: OPTIONS.nodes,
    accounts: workload.accounts,
    lanes: OPTIONS.lanes,
    authorizations: workload.authorizations(),
    rounds: [workload.submissions(1), workload.submissions(2)],
  };
}

describe("transition bench", () => {
  it("puts every lane into a block once a round", () => {
    const [first] = makeLoad().rounds;
    assert.deepEqual(
      first?.map((block) => block.length),
      [1, 1, 1],
    );
  });

  it("executes all lanes twice, with and without signatures", async () => {
    const load = makeLoad();
    for (const checked of [false, true]) {
      const figures = await measure(load, checked);
      assert.ok(figures.newLanesPerS > 0 && figures.againPerS > 0 && figures.cpuMicrosPerLane > 0);
    }
  });

  it("fails when a lane is not paid, and checks signatures only when it says so", async () => {
    const load = makeLoad();
    const first = load.rounds[0]?.[0]?.[0] ?? assert.fail();
    // the last byte of the last acknowledgement's signature, before that of the node
    const at = first.length - 64 - 1;
    first[at] = (first[at] ?? 0) ^ 1;
    await measure(load, false);
    await assert.rejects(measure(load, true), (error) => isFlkError(error, "ERR_BENCH_BLOCK"));
  });
});
