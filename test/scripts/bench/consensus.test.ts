import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isFlkError } from "#protocol/errors/error.ts";
import { outcomeOf } from "#scripts/bench/consensus/latencies.ts";
import type { Figures } from "#scripts/bench/consensus/measure.ts";
import { consensusOptions } from "#scripts/bench/consensus/options.ts";
import { best, sweep } from "#scripts/bench/consensus/sweep.ts";
import { opaqueTransaction, rangesOf } from "#scripts/bench/consensus/transactions.ts";
import {
  ACCOUNTS_PER_MEMBER,
  signedTransfer,
  TransferReader,
  transferAccounts,
} from "#scripts/bench/consensus/transfers.ts";
import { percentile } from "#scripts/bench/support/figures.ts";

function figures(rate: number, over: Partial<Figures> = {}): Figures {
  const latencyMs = { p50: 100, p95: 200, p99: 300 };
  const costs = { cpuSecondsPer1kTx: 0, bytesPerTx: 0, messagesPerTx: 0, rssMb: 0 };
  return {
    ...{ nodes: 4, transactions: "opaque" as const, bytes: 512, seconds: 1, uncommitted: 0, refused: 0 },
    ...{ rate, committedTps: rate, latencyMs, ...costs },
    ...over,
  };
}

describe("consensus bench", () => {
  it("reads back who made a transaction and where it stands", () => {
    const made = [
      ...[5, 6, 7].map((sequence) => opaqueTransaction(2, sequence, 512)),
      opaqueTransaction(3, 8, 512),
      opaqueTransaction(3, 10, 512),
    ];
    assert.deepEqual(rangesOf(made, 4), [
      { author: 2, from: 5, to: 7, at: 4 },
      { author: 3, from: 8, to: 8, at: 4 },
      { author: 3, from: 10, to: 10, at: 4 },
    ]);
    assert.equal(new Set(made.map((bytes) => Buffer.from(bytes).toString("hex"))).size, 5);
  });

  it("reads back whose transfers were executed, and counts those that were not as missing", () => {
    const accounts = transferAccounts(2);
    const sequences = [0, 1, 2, ACCOUNTS_PER_MEMBER];
    const made = [
      ...sequences.map((sequence) => signedTransfer(2, sequence, accounts)),
      signedTransfer(1, 5, accounts),
    ];
    const executed = [true, true, false, true, true];
    assert.deepEqual(new TransferReader(accounts).rangesOf(made, executed, 9), [
      { author: 2, from: 0, to: 1, at: 9 },
      { author: 2, from: ACCOUNTS_PER_MEMBER, to: ACCOUNTS_PER_MEMBER, at: 9 },
      { author: 1, from: 5, to: 5, at: 9 },
    ]);
  });

  it("counts a transaction as committed when the last member has it", () => {
    const submitted = [Float64Array.of(0, 10, 20, 30), Float64Array.of(10, Number.NaN)];
    const first = [
      { author: 1, from: 0, to: 3, at: 50 },
      { author: 2, from: 0, to: 0, at: 50 },
    ];
    const second = [
      { author: 1, from: 0, to: 1, at: 70 },
      { author: 2, from: 0, to: 0, at: 40 },
      { author: 1, from: 2, to: 2, at: 200 },
    ];
    const outcome = outcomeOf(submitted, [first, second], { from: 10, to: 100 });
    // of author 1: numbers 1, 2 and 3, of which 3 is missing at one member; of author 2: number 0; one was refused
    assert.equal(outcome.submitted, 4);
    assert.equal(outcome.committed, 3);
    assert.deepEqual([...outcome.latencies], [40, 60, 180]);
    // number 0 of author 1 was submitted before the window and committed in it, number 2 after it
    assert.equal(outcome.committedInWindow, 3);
  });

  it("takes percentiles by nearest rank", () => {
    const hundred = Float64Array.from({ length: 100 }, (_, at) => at + 1);
    assert.deepEqual(
      [0.5, 0.95, 0.99, 1].map((share) => percentile(hundred, share)),
      [50, 95, 99, 100],
    );
    assert.equal(percentile(Float64Array.of(7), 0.5), 7);
    assert.equal(percentile(new Float64Array(0), 0.5), undefined);
  });

  it("finds the highest rate that is sustained, to a tenth", async () => {
    const runs = await sweep(1000, async (rate) =>
      figures(rate, rate > 7300 ? { committedTps: 7300, latencyMs: { p50: 1, p95: 1, p99: 5000 } } : {}),
    );
    const found = best(runs)?.rate ?? 0;
    assert(found <= 7300 && found >= 0.9 * 7300, `found ${found}`);
    assert(runs.length <= 12);
  });

  it("says that no rate was sustained when none was", async () => {
    const runs = await sweep(64, async (rate) => figures(rate, { uncommitted: 1 }));
    assert.equal(best(runs), undefined);
    assert(runs.length <= 12);
  });

  it("refuses options that make no sense", () => {
    for (const wrong of [{ nodes: "0" }, { nodes: "1e3" }, { size: "84" }, { rate: "-1" }, { seconds: "" }]) {
      assert.throws(
        () => consensusOptions(wrong),
        (error) => isFlkError(error, "ERR_USAGE"),
      );
    }
    assert.equal(consensusOptions({ nodes: "7", "min-header-delay": "20" }).timing.minHeaderDelayMs, 20);
  });
});
