import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AckFacts, ReportFacts, Snapshot, WorkFacts } from "#scripts/check/audit/snapshot.ts";
import { variety } from "#scripts/check/audit/variety.ts";
import { verify } from "#scripts/check/audit/verify.ts";
import { goodSnapshot } from "./support/audit-snapshot.ts";

const textsOf = (snapshot: Snapshot): string =>
  verify(snapshot)
    .map(({ text }) => text)
    .join("\n");

/** In all that tells of it: every node's report and the indexer. `change` gets bytes and ms of node 1 in epoch 1, and the report. */
function told(change: (bytes: WorkFacts, ms: WorkFacts, report?: ReportFacts) => void): Snapshot {
  const snapshot = goodSnapshot();
  for (const node of snapshot.nodes) {
    const report = node.reports[1] as ReportFacts;
    const [bytes, ms] = report.nodes[0]?.work ?? [];
    change(bytes as WorkFacts, ms as WorkFacts, report);
  }
  const of = snapshot.graphql.work.filter(({ epoch, nodeId }) => epoch === 1 && nodeId === 1);
  change(of[0] as WorkFacts, of[1] as WorkFacts);
  return snapshot;
}

const moved = (value: string, by: bigint): string => String(BigInt(value) + by);

describe("audit of bytes and ms", () => {
  it("sees a micro-USD of bytes that is said to be of ms, though all sums are the same", () => {
    const snapshot = told((bytes, ms) => {
      bytes.revenue = moved(bytes.revenue, -1n);
      ms.revenue = moved(ms.revenue, 1n);
    });
    assert.deepEqual(
      verify(snapshot).map(({ text }) => text),
      [
        "1/1/0/0 (epoch/node/service/commodity): revenue is what was paid for it: 44999, expected 45000",
        "1/1/0/1 (epoch/node/service/commodity): revenue is what was paid for it: 15001, expected 15000",
      ],
    );
  });

  it("sees units, deliveries and lanes of one that are said to be of the other", () => {
    const units = told((bytes, ms) => {
      bytes.units = moved(bytes.units, 1n);
      ms.units = moved(ms.units, -1n);
    });
    assert.match(textsOf(units), /1\/1\/0\/1 .*: units are those paid for/);
    const counts = told((bytes, ms) => {
      bytes.deliveries += 1;
      ms.deliveries -= 1;
      bytes.lanes += 1;
      ms.lanes -= 1;
    });
    assert.match(textsOf(counts), /1\/1\/0\/1 .*: deliveries are those paid for: 1, expected 2/);
    assert.match(textsOf(counts), /1\/1\/0\/0 .*: lanes are those paid first: 2, expected 1/);
  });

  it("takes ms at the price of their epoch: that of bytes, or the one before, is another", () => {
    for (const price of ["2", "4"]) {
      const snapshot = goodSnapshot();
      const set = snapshot.l2.prices.findLast(({ commodity }) => commodity === 1);
      if (set) set.price = price;
      assert.match(textsOf(snapshot), /in epoch 1: paid: 7500, expected/);
    }
  });

  it("sees a run in which nobody paid for ms", () => {
    const snapshot = goodSnapshot();
    for (const item of snapshot.nodes.flatMap(({ reports }) => reports.flatMap(({ nodes }) => nodes)))
      item.work = item.work.filter(({ commodity }) => commodity === 0);
    const active = verify(snapshot).filter(({ area }) => area === "active");
    assert.deepEqual(active, [{ area: "active", text: "no ms were paid for" }]);
  });

  const varied = (change: (snapshot: Snapshot) => void): string[] => {
    const snapshot = goodSnapshot();
    snapshot.epochs = 3;
    const { acks, l2 } = snapshot;
    const of = acks.findLast(({ commodity }) => commodity === 1) as AckFacts;
    acks.push({ ...of, status: "ACK_UNPAID_BALANCE", paid: "0" });
    // one that sells bytes only is asked for no ms
    l2.prices.push({ service: 1, commodity: 0, price: "1", block: 5 });
    change(snapshot);
    return variety(snapshot, 0);
  };

  it("sees a run of three epochs in which nobody was without money, no price changed, or a service sold no ms", () => {
    assert.deepEqual(
      varied(() => undefined),
      [],
    );
    assert.deepEqual(
      varied(({ acks }) => acks.pop()),
      ["no acknowledgement was beyond a client's money"],
    );
    // of the second epoch
    assert.deepEqual(
      varied(({ l2 }) => {
        for (const price of l2.prices) if (price.block > 5) price.block = 1_000;
      }),
      ["nothing was paid for at two prices"],
    );
    assert.deepEqual(
      varied(({ acks }) => {
        for (const ack of acks) if (ack.inEpoch === 1) ack.paid = "0";
      }),
      ["nothing was paid for at two prices"],
    );
    assert.deepEqual(
      varied(({ l2 }) => l2.prices.push({ service: 1, commodity: 1, price: "1", block: 5 })),
      ["no ms of service 1 were paid for"],
    );
  });

  it("asks a run of three epochs for all of that, a shorter one for none of it", () => {
    const snapshot = goodSnapshot();
    const short = /beyond a client's money/;
    assert.doesNotMatch(textsOf(snapshot), short);
    snapshot.epochs = 3;
    assert.match(textsOf(snapshot), short);
  });

  it("sees an acknowledgement that adds units and no delivery", () => {
    const snapshot = goodSnapshot();
    const second = snapshot.acks[1] as AckFacts;
    second.count = 1;
    assert.match(textsOf(snapshot), /acknowledgement 1 of .*: adds deliveries: false/);
  });

  it("counts the units of a partial payment, and its delivery once all of it is paid", () => {
    const partly = (deliveries: number): string => {
      const paid = 800_000n;
      const snapshot = told((_, ms, report) => {
        ms.revenue = moved(ms.revenue, paid);
        // five micro-USD per 10⁹: the most that 815 000 pay for
        ms.units = String((815_001n * 10n ** 9n - 1n) / 5n);
        ms.deliveries = deliveries;
        if (report)
          report.units = String(
            report.nodes.flatMap(({ work }) => work).reduce((sum, { units }) => sum + BigInt(units), 0n),
          );
      });
      const of = snapshot.acks.findLast(({ commodity }) => commodity === 1) as AckFacts;
      const asked = { count: 9, units: "500000000000000", status: "ACK_PARTIAL_BALANCE" };
      snapshot.acks.push({ ...of, ...asked, paid: String(paid) });
      // report totals, shares and payouts are not told of it: only what was paid for is asked here
      return textsOf(snapshot)
        .split("\n")
        .filter((text) => /^1\/1\/0\/1 |^acknowledgement|^epoch 1: units/.test(text))
        .join("\n");
    };
    assert.equal(partly(2), "");
    assert.match(partly(9), /deliveries are those paid for: 9, expected 2/);
  });
});
