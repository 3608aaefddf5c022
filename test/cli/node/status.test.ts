import assert from "node:assert/strict";
import { test } from "node:test";
import { statusLines } from "#cli/actions/node-status.ts";
import { statusPage } from "#cli/node/status-page.ts";
import { getNodeStatus } from "#client/actions/get-node-status.ts";
import type { FlkClient } from "#client/client.ts";
import type { HeadView, NodeStatusView, PlacedStanding, StandingPlace } from "#node/interface/chain-view.ts";
import { toJson } from "#node/rpc/json.ts";

const RATES = { latency: 9_000, uptime: 9_800, throughput: 8_812, success: 2_400, trust: 10_000 };
const REST = { credibility: 10_000, measured: 1, reporters: 5 };

function standing(score: number, place: StandingPlace): PlacedStanding {
  return { ...RATES, ...REST, out: place === "out" ? 1 : 0, score, place };
}

function view(now: StandingPlace, expected: StandingPlace): NodeStatusView {
  return {
    ...{ node: 5, epoch: 12, now: standing(23, now), expected: { ...standing(12, expected), reports: 9 } },
    ...{ floors: { reputation: 20, uptime: 0 }, above: { reputation: -3, uptime: 9_800 } },
    ...{ inNextDraw: true, inDrawAfter: false },
  };
}

/** As a node answers. */
const answering = (answer: unknown) => ({ request: async () => answer }) as unknown as FlkClient;
const statusOf = (now: StandingPlace, expected: StandingPlace) =>
  getNodeStatus(answering(toJson(view(now, expected))), { nodeId: 5 });

test("REP-STATUS: flk node status says how the node stands, why, how far from the floors, and what comes next", async () => {
  assert.deepEqual(statusLines(await statusOf("near", "out")), [
    "node        5, epoch 12",
    "score       23 of 100, 3 below the floor of 20",
    "uptime      98.0 %, without a floor",
    "made of     success 24.0 %, uptime 98.0 %, trust 100.0 %, latency 90.0 %, throughput 88.1 %",
    "reported    by 5 nodes in the last epoch; its own reports are believed to 100.0 %",
    "expected    12 at the end of the epoch, by 9 reports so far: success 24.0 %, uptime 98.0 %, trust 100.0 %, latency 90.0 %, throughput 88.1 %",
    "draws       in the draw for epoch 13, not in the one for epoch 14 if this epoch ends as expected",
    "warning     a floor will keep it out of the draws for epoch 14 and later ones",
  ]);
});

test("REP-STATUS: warns of the worst that is or comes, and of nothing when all is well", async () => {
  const warning = async (now: StandingPlace, expected: StandingPlace) =>
    statusLines(await statusOf(now, expected)).find((line) => line.startsWith("warning"));
  assert.equal(await warning("good", "good"), undefined);
  assert.match((await warning("out", "good")) ?? "", /keeps it out/);
  assert.match((await warning("below", "good")) ?? "", /below a floor/);
  assert.match((await warning("good", "below")) ?? "", /falls below/);
  assert.match((await warning("near", "good")) ?? "", /near a floor/);
  assert.match((await warning("good", "near")) ?? "", /near a floor/);
});

test("a node that answers nonsense is refused, and one that knows no such node says so", async () => {
  await assert.rejects(getNodeStatus(answering(null), { nodeId: 5 }), { code: "ERR_NODE_UNKNOWN" });
  const good = toJson(view("good", "good")) as Record<string, unknown>;
  for (const change of [{ now: 7 }, { now: { ...view("good", "good").now, place: "best" } }, { above: {} }]) {
    const answer = { ...good, ...change };
    await assert.rejects(getNodeStatus(answering(answer), { nodeId: 5 }), { code: "ERR_RPC_RESPONSE" });
  }
});

test("the node's own page says what it waits for, and how it stands once it has started", () => {
  let waitsFor: string | undefined = "waiting for the network to start on the L2";
  const chain = {
    head: () => ({ epoch: 12, height: 99, epochEnd: 7 }) as HeadView,
    status: () => view("good", "near"),
  };
  const page = statusPage({ chain, self: 5, version: "1.0", notReady: () => waitsFor });
  const before = JSON.parse(page());
  assert.deepEqual([before.node, before.waits_for, before.reputation], [5, waitsFor, null]);
  waitsFor = undefined;
  const started = JSON.parse(page());
  assert.deepEqual([started.height, started.reputation.expected.place], [99, "near"]);
  waitsFor = "the L2 does not answer";
  assert.deepEqual(JSON.parse(page()).waits_for, waitsFor);
  assert.equal(JSON.parse(page()).epoch, 12);
});
