import assert from "node:assert/strict";
import { test } from "node:test";
import { executeBlock, nextL2View } from "#node/transition/execute.ts";
import { MAX_PENDING_REPORTS_PER_NODE } from "#node/transition/records.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import type { CheckpointReport } from "#protocol/types/block.ts";
import { seedOf } from "../support/keys.ts";
import { World } from "../support/world.ts";

function report(node: number, number: number, fork = ""): CheckpointReport {
  return { node, checkpoint: { number, hash: seedOf(`l2 ${number}${fork}`) } };
}

test("the view moves to the highest checkpoint that 2f+1 reported, across blocks", () => {
  const world = new World();
  world.block({ reports: [report(1, 101), report(1, 102), report(2, 101)] });
  assert.equal(world.state.l2View.number, 100);
  world.block({ reports: [report(2, 102), report(3, 101)] });
  assert.deepEqual(world.state.l2View, report(1, 101).checkpoint);
  world.block({ reports: [report(4, 102)] });
  assert.deepEqual(world.state.l2View, report(1, 102).checkpoint);
});

test("reports of one number with different hashes do not add up", () => {
  const world = new World();
  world.block({ reports: [report(1, 101), report(2, 101), report(3, 101, "fork"), report(4, 101, "fork")] });
  assert.equal(world.state.l2View.number, 100);
});

test("a member counts once per number: its first report", () => {
  const world = new World();
  world.block({ reports: [report(1, 101), report(1, 101), report(2, 101), report(2, 101, "fork")] });
  assert.equal(world.state.l2View.number, 100);
  world.block({ reports: [report(2, 101), report(1, 101)] });
  assert.equal(world.state.l2View.number, 100);
  world.block({ reports: [report(3, 101)] });
  assert.equal(world.state.l2View.number, 101);
});

test("strangers do not count, and the view never goes back", () => {
  const world = new World();
  world.block({ reports: [1, 2, 5, 6].map((node) => report(node, 110)) });
  assert.equal(world.state.l2View.number, 100);
  world.block({ reports: [1, 2, 3].map((node) => report(node, 99)) });
  assert.equal(world.state.l2View.number, 100);
});

test("a member cannot fill the state with reports that no one shares", () => {
  const world = new World();
  for (let i = 0; i < 5; i++) {
    world.block({ reports: Array.from({ length: 64 }, (_, k) => report(4, 1_000_000 + 64 * i + k)) });
  }
  assert.equal(world.state.reports.value.length, MAX_PENDING_REPORTS_PER_NODE);
  world.block({ reports: [1, 2, 3].map((node) => report(node, 101)) });
  assert.equal(world.state.l2View.number, 101);
});

test("the reports of an epoch end with it", () => {
  const world = new World();
  world.close({ reports: [report(1, 101), report(2, 101)] });
  assert.equal(world.state.reports.value.length, 0);
});

test("ERR_BLOCK_VIEW when the view is of another input, or of an earlier block", () => {
  const world = new World();
  const input = {
    ...world.block().block.input,
    index: 1,
    reports: [1, 2, 3].map((node) => report(node, 101)),
  };
  const other = nextL2View(world.state, { ...input, reports: [] });
  const early = { ...nextL2View(world.state, input), height: world.state.height - 1 };
  for (const view of [other, early]) {
    assert.throws(
      () => executeBlock(world.state, input, { opening: world.genesis.digest, view, events: [] }),
      (error) => isFlkError(error, "ERR_BLOCK_VIEW"),
    );
  }
});
