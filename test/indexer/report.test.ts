import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { checkReport, type EpochEvidence } from "#indexer/sync/report.ts";
import { reportHash } from "#protocol/digests/settlement.ts";
import { balanceRoot, payoutRoot } from "#protocol/digests/trees.ts";
import { EpochReport, type Settlement } from "#protocol/types/settlement.ts";
import { CLIENT, OTHER, TestChain } from "./support/chain.ts";
import { FakeL2 } from "./support/fake-l2.ts";

describe("the check of an epoch report", () => {
  let report: EpochReport;
  let settlement: Settlement;
  const deposits = new Map<string, bigint>([[CLIENT, 5_000_000n]]);
  const evidence = (change: Partial<EpochEvidence> = {}): EpochEvidence => ({
    settlement,
    folded: true,
    deposits,
    balances: new Map([[CLIENT, { balance: 4_999_000n, depositsSeen: 5_000_000n }]]),
    ...change,
  });
  const problemOf = (bytes: Uint8Array, given: EpochEvidence) => {
    const result = checkReport(bytes, given);
    return "problem" in result ? result.problem : undefined;
  };
  /** A committee that signs something wrong: the hash fits, the content does not. */
  const signed = (altered: Partial<EpochReport>, change: Partial<Settlement> = {}) => {
    const wrong = { ...report, ...altered };
    const agreed = { ...settlement, reportHash: reportHash(wrong), ...change };
    return { bytes: EpochReport.serialize(wrong), settlement: agreed };
  };

  before(() => {
    const chain = new TestChain(new FakeL2());
    chain.block({ changes: [chain.pay(CLIENT, 1000n)] });
    chain.close();
    report = chain.reports[0] as EpochReport;
    settlement = (chain.certificates[0] as { settlement: Settlement }).settlement;
  });

  it("accepts the true one", () => {
    assert.deepEqual(checkReport(EpochReport.serialize(report), evidence()), { report });
  });

  it("refuses other bytes than those whose hash was settled, a single bit included", () => {
    const bytes = EpochReport.serialize(report);
    for (const at of [0, 50, bytes.length - 1]) {
      const flipped = bytes.slice();
      flipped[at] = (flipped[at] as number) ^ 1;
      assert.equal(problemOf(flipped, evidence()), "ERR_REPORT_HASH");
    }
    assert.equal(problemOf(new Uint8Array(), evidence()), "ERR_REPORT_HASH");
  });

  it("refuses a settled report of another epoch", () => {
    const { bytes, settlement: agreed } = signed({ epoch: 1 });
    assert.equal(problemOf(bytes, evidence({ settlement: agreed })), "ERR_REPORT_FORM");
  });

  it("refuses payouts and balances that are not under the settled roots", () => {
    const payouts = report.payouts.map((entry) => ({ ...entry, stable: entry.stable + 1n }));
    const first = signed({ payouts });
    assert.equal(problemOf(first.bytes, evidence({ settlement: first.settlement })), "ERR_PAYOUT_ROOT");
    const balances = report.balances.map((entry) => ({ ...entry, balance: entry.balance + 1n }));
    const second = signed({ balances });
    assert.equal(problemOf(second.bytes, evidence({ settlement: second.settlement })), "ERR_BALANCE_ROOT");
  });

  it("refuses balances that the blocks do not add up to, an account left out included", () => {
    const more = report.balances.map((entry) => ({ ...entry, balance: entry.balance + 1n }));
    for (const balances of [more, []]) {
      const { bytes, settlement: agreed } = signed({ balances }, { balanceRoot: balanceRoot(balances) });
      assert.equal(problemOf(bytes, evidence({ settlement: agreed })), "ERR_REPORT_BALANCES");
    }
  });

  it("refuses deposits that are not the L2's", () => {
    const bytes = EpochReport.serialize(report);
    const given = [new Map([[CLIENT, 4_999_999n]]), new Map(), new Map([...deposits, [OTHER, 1n]])];
    for (const wrong of given)
      assert.equal(problemOf(bytes, evidence({ deposits: wrong })), "ERR_REPORT_DEPOSITS");
  });

  it("refuses totals that are not the sums, and money from nowhere", () => {
    for (const change of [{ totalBalances: 1n }, { totalPayoutStable: 1n }, { totalPayoutFlk: 1n }]) {
      const wrong = { ...settlement, ...change };
      assert.equal(problemOf(EpochReport.serialize(report), evidence({ settlement: wrong })), "ERR_TOTALS");
    }
    const payouts = report.payouts.map((entry, i) =>
      i === 0 ? { ...entry, stable: entry.stable + 1n } : entry,
    );
    const { bytes, settlement: agreed } = signed(
      { payouts },
      { payoutRoot: payoutRoot(payouts), totalPayoutStable: settlement.totalPayoutStable + 1n },
    );
    assert.equal(problemOf(bytes, evidence({ settlement: agreed })), "ERR_NOT_CONSERVED");
  });

  it("refuses an epoch whose blocks contradict themselves", () => {
    assert.equal(problemOf(EpochReport.serialize(report), evidence({ folded: false })), "ERR_FOLD");
  });
});
