import assert from "node:assert/strict";
import { test } from "node:test";
import { type Summary, summaryLines } from "#cli/devnet/summary.ts";

const SUMMARY: Summary = {
  epochs: [
    {
      ...{ epoch: 1, settlementTx: "0xab", gas: "250000", blocks: 40, lanes: 12, deliveries: 500 },
      ...{
        units: "4200900",
        bytes: "4200000",
        ms: "900",
        revenue: "70000",
        flkScheduled: "0",
        flkMinted: "0",
      },
      nodes: [],
    },
  ],
  ...{ lots: [], accounts: [], badNode: null },
  audit: {
    conserved: true,
    sameStateRoot: true,
    indexerAgrees: true,
    active: false,
    problems: ["no ms were paid for"],
  },
};

test("an epoch's bytes and ms are shown apart, and what the audit found last", () => {
  const lines = summaryLines(SUMMARY);
  assert.match(lines[2] ?? "", /^ {2}1: 500 deliveries, 4\.2 MB and 900 ms, 0\.07 USD revenue, /);
  assert.match(lines.at(-2) ?? "", /indexer agrees holds, activity in every epoch FAILS$/);
  assert.equal(lines.at(-1), "  no ms were paid for");
});
