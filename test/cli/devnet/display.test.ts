import assert from "node:assert/strict";
import { test } from "node:test";
import { formatBytes, render, summaryLine } from "#cli/devnet/display.ts";
import { newStatus, type Status } from "#cli/devnet/status.ts";

const NOW = 1_000_000;

function running(): Status {
  return {
    ...newStatus(),
    step: "7/7 running",
    epoch: 2,
    epochEnd: NOW + 11_200,
    height: 57,
    nodes: [
      { name: "node-1", state: "up", member: true, height: 57 },
      { name: "node-2", state: "down", member: false, height: 40 },
    ],
    deliveries: 12,
    acks: 34,
    bytes: 5_600_000,
    runs: 3,
    ms: 250,
    retries: new Map([["ERR_NODE_UNREACHABLE", 2]]),
    posted: [{ epoch: 1, gas: 221_000n, txHash: "0xabc" }],
    activeUpTo: 0,
    claims: 8,
    graphql: "http://127.0.0.1:4000/graphql",
  };
}

test("the frame shows step, countdown, blocks, acks, bytes, last settlement with gas, and every node", () => {
  assert.deepEqual(render(running(), NOW), [
    "flk devnet · 7/7 running",
    "  epoch     2, ends in 12 s · block 57",
    "  delivered 5.6 MB in 12 deliveries · 250 ms in 3 runs · 34 acknowledgements (tried again: 2× ERR_NODE_UNREACHABLE)",
    "  posted    epoch 1, 221000 gas, 0xabc",
    "  active    epoch 0 · 8 claims",
    "  nodes     ● node-1* @57  ✖ node-2 @40",
    "  explorer  http://127.0.0.1:4000/",
    "  GraphQL   http://127.0.0.1:4000/graphql",
  ]);
});

test("a plain line says the same", () => {
  assert.equal(
    summaryLine(running(), NOW),
    "epoch 2 ends in 12 s, block 57, 12 deliveries, 3 runs, 34 acks, 5.6 MB, 250 ms (tried again: 2× ERR_NODE_UNREACHABLE), " +
      "posted epoch 1 (221000 gas), active epoch 0, 8 claims, 1/2 nodes up",
  );
});

test("before the first settlement nothing is posted or active", () => {
  const status = { ...running(), posted: [], activeUpTo: -1, claims: 0 };
  assert.deepEqual(render(status, NOW).slice(3, 5), [
    "  posted    nothing yet",
    "  active    nothing yet · 0 claims",
  ]);
  assert.match(summaryLine(status, NOW), /, nothing posted, nothing active, 0 claims, /);
});

test("before the start there is a step and nothing else", () => {
  assert.deepEqual(render(newStatus(), NOW), ["flk devnet · starting"]);
});

test("bytes are shown in decimal units", () => {
  assert.deepEqual([999, 1_500, 2_000_000, 3_210_000_000].map(formatBytes), [
    "999 B",
    "1.5 kB",
    "2.0 MB",
    "3.21 GB",
  ]);
});
