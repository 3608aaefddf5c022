import assert from "node:assert/strict";
import { it } from "node:test";
import type { StandingView } from "#node/interface/chain-view.ts";
import { showStanding } from "#node/reputation/own-standing.ts";
import { RecordingMetrics, recordingLogger } from "#test/node/support/recording.ts";

const GOOD = { latency: 9_000, uptime: 10_000, throughput: 9_000, success: 10_000, trust: 10_000 };
const REST = { credibility: 10_000, measured: 1, reporters: 5, out: 0 };

function show(change: Partial<StandingView> | undefined) {
  const logger = recordingLogger();
  const metrics = new RecordingMetrics();
  const chain = {
    standing: () => change && { ...GOOD, ...REST, ...change },
    parameter: (name: string) => ({ reputationFloor: 20n, uptimeFloorBps: 4_000n })[name],
  };
  showStanding(chain, 1, { logger, metrics });
  return { events: logger.lines.map(({ event }) => event), metrics };
}

it("REP-FLOOR: warns a node before it falls, and while it is out; says nothing of one that stands well", () => {
  assert.deepEqual(show({}).events, []);
  assert.deepEqual(show({ success: 2_600 }).events, []);
  assert.deepEqual(show({ success: 2_400 }).events, ["reputation.near_floor"]);
  assert.deepEqual(show({ uptime: 4_400 }).events, ["reputation.near_floor"]);
  assert.deepEqual(show({ success: 100, out: 1 }).events, ["reputation.out"]);
  assert.deepEqual(show(undefined).events, []);
});

it("shows score, nearness and exclusion as gauges", () => {
  const { metrics } = show({ success: 2_400, out: 1 });
  assert.deepEqual(
    ["flk_reputation", "flk_reputation_near_floor", "flk_reputation_out"].map((name) => metrics.value(name)),
    [23, 1, 1],
  );
});
