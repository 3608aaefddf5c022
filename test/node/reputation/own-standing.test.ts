import assert from "node:assert/strict";
import { it } from "node:test";
import type { NodeStatusView, PlacedStanding, StandingPlace } from "#node/interface/chain-view.ts";
import { showExpected, showStanding } from "#node/reputation/own-standing.ts";
import { RecordingMetrics, recordingLogger } from "#test/node/support/recording.ts";

const RATES = { latency: 9_000, uptime: 4_400, throughput: 9_000, success: 2_400, trust: 10_000 };
const REST = { credibility: 10_000, measured: 1, reporters: 5 };

function standing(score: number, place: StandingPlace): PlacedStanding {
  return { ...RATES, ...REST, out: place === "out" ? 1 : 0, score, place };
}

function statusOf(now: StandingPlace, expected: StandingPlace): NodeStatusView {
  return {
    ...{ node: 1, epoch: 8, now: standing(23, now), expected: { ...standing(12, expected), reports: 9 } },
    ...{ floors: { reputation: 20, uptime: 0 }, above: { reputation: 3, uptime: 4_400 } },
    ...{ inNextDraw: true, inDrawAfter: false },
  };
}

function show(
  shown: typeof showStanding | typeof showExpected,
  now: StandingPlace,
  expected: StandingPlace = now,
) {
  const logger = recordingLogger();
  const metrics = new RecordingMetrics();
  let aggregated = 0;
  const status = () => {
    aggregated++;
    return statusOf(now, expected);
  };
  shown({ place: () => statusOf(now, expected), status }, 1, { logger, metrics });
  assert.equal(aggregated, shown === showExpected ? 1 : 0, "what is expected takes an aggregation");
  return { events: logger.lines.map(({ event }) => event), lines: logger.lines, metrics };
}

it("REP-STATUS: after a close, warns a node that is near a floor, below one or out; says nothing of one that stands well", () => {
  assert.deepEqual(show(showStanding, "good", "out").events, []);
  assert.deepEqual(show(showStanding, "near").events, ["reputation.near_floor"]);
  assert.deepEqual(show(showStanding, "below").events, ["reputation.below_floor"]);
  const { lines } = show(showStanding, "out");
  assert.equal(lines[0]?.event, "reputation.out");
  assert.deepEqual([lines[0]?.fields?.score, lines[0]?.fields?.success], [23, 2_400]);
});

it("REP-STATUS: before a close, warns when it will make things worse, and only then", () => {
  assert.deepEqual(show(showExpected, "good", "near").events, ["reputation.falls"]);
  assert.deepEqual(show(showExpected, "near", "out").events, ["reputation.falls"]);
  assert.equal(show(showExpected, "near", "out").lines[0]?.fields?.place, "out");
  for (const place of ["good", "near", "below", "out"] as const) {
    assert.deepEqual(show(showExpected, place).events, []);
    assert.deepEqual(show(showExpected, place, "good").events, []);
  }
});

it("shows score, components, distance and what is expected as gauges; no distance to a floor that is not there", () => {
  const { metrics } = show(showStanding, "near");
  assert.deepEqual(
    ["flk_reputation", "flk_reputation_near_floor", "flk_reputation_out"].map((name) => metrics.value(name)),
    [23, 1, 0],
  );
  assert.equal(metrics.value("flk_reputation_component", { name: "success" }), 2_400);
  assert.equal(metrics.value("flk_reputation_above_floor"), 3);
  assert.equal(show(showStanding, "good").metrics.value("flk_reputation_near_floor"), 0);
  const expected = show(showExpected, "good", "out").metrics;
  assert.equal(expected.value("flk_reputation_expected"), 12);
  assert.equal(expected.value("flk_reputation_expected_out"), 1);
});

it("shows nothing of a node that the chain does not know", () => {
  const logger = recordingLogger();
  const metrics = new RecordingMetrics();
  for (const shown of [showStanding, showExpected])
    shown({ place: () => undefined, status: () => undefined }, 1, { logger, metrics });
  assert.deepEqual(logger.lines, []);
  assert.equal(metrics.value("flk_reputation"), 0);
});
