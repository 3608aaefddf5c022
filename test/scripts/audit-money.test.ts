import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AckFacts, Snapshot } from "#scripts/check/audit/snapshot.ts";
import { verify } from "#scripts/check/audit/verify.ts";
import { CLIENT, corruptAt, goodSnapshot, KEY, leaves } from "./support/audit-snapshot.ts";

describe("audit of partial payments", () => {
  it("takes a payment that is partial, and sees what a client paid too much, or for all of it", () => {
    const found = (paid: string, balance: string, status: string): string[] => {
      const snapshot = goodSnapshot();
      // asks for more than the 800 000 micro-USD that are left
      const ack = { ...(snapshot.acks.at(-1) as AckFacts), count: 3, units: "500000000000000", status, paid };
      snapshot.acks.push(ack);
      const limit = status === "ACK_PARTIAL_LIMIT" ? "899990" : "1000000";
      (snapshot.money[1] as { amount: string }).amount = limit;
      for (const node of snapshot.nodes) (node.balances[0] as { balance: string }).balance = balance;
      // the report and the indexer do not know of it: only the rules of payments are asked here
      return verify(snapshot)
        .map(({ text }) => text)
        .filter((text) => /^acknowledgement|^balance of/.test(text));
    };
    assert.deepEqual(found("800000", "0", "ACK_PARTIAL_BALANCE"), []);
    assert.deepEqual(found("799990", "10", "ACK_PARTIAL_LIMIT"), []);
    assert.match(found("800000", "1", "ACK_PARTIAL_BALANCE").join(), /deposits − payments/);
    assert.match(found("800000", "0", "OK").join(), /: paid: 800000, expected 960000/);
    assert.match(found("960000", "-160000", "ACK_PARTIAL_BALANCE").join(), /paid what the money reaches for/);
    assert.match(found("799999", "1", "ACK_PARTIAL_BALANCE").join(), /reaches for: 799999, expected 800000/);
    assert.match(found("0", "800000", "ACK_PARTIAL_BALANCE").join(), /reaches for: 0, expected 800000/);
    assert.match(found("0", "800000", "ACK_PARTIAL_LIMIT").join(), /reaches for: 0, expected 799990/);
    assert.match(found("800000", "0", "ACK_PARTIAL_LIMIT").join(), /reaches for: 800000, expected 799990/);
    const unpaid = found("0", "800000", "ACK_UNPAID_BALANCE").join();
    assert.match(unpaid, /is partly paid: ACK_UNPAID_BALANCE, expected ACK_PARTIAL_BALANCE/);
  });

  /** In epoch 1 the limit is all spent: 60000 for node 1, who asks for more and gets nothing, and 40000 reserved for node 2. */
  function exhausted(): Snapshot {
    const snapshot = goodSnapshot();
    (snapshot.money[1] as { amount: string }).amount = "100000";
    const what = { session: KEY, node: 2, epoch: 1 };
    const last = snapshot.acks.findLastIndex(({ node }) => node === 1);
    snapshot.money.push({ before: last + 1, account: CLIENT, what, amount: "40000" });
    const asked = { count: 3, units: "500000000000000", status: "ACK_UNPAID_LIMIT", paid: "0" };
    snapshot.acks.splice(last + 1, 0, { ...(snapshot.acks[last] as AckFacts), ...asked });
    return snapshot;
  }

  it("takes no payment where limit and balance are reserved for another node", () => {
    assert.deepEqual(verify(exhausted()), []);
  });

  for (const path of leaves(exhausted().money, ["money"])) {
    it(`sees one unit more at ${path.join(".")} where money ran out`, () => {
      const snapshot = exhausted();
      corruptAt(snapshot, path);
      assert.notDeepEqual(verify(snapshot), []);
    });
  }

  it("holds what an account reserved until the end of the next epoch, and pays the node from it", () => {
    const late = (inEpoch: number): string[] => {
      const snapshot = goodSnapshot();
      const what = { session: KEY, node: 3, epoch: 1 };
      snapshot.money.push({ before: snapshot.acks.length, account: CLIENT, what, amount: "700000" });
      const units = "500000000000000";
      const status = "ACK_PARTIAL_BALANCE";
      const ack = { ...(snapshot.acks.at(-1) as AckFacts), units, status, paid: "100000", inEpoch };
      snapshot.acks.push({ ...ack, epoch: Math.min(inEpoch, 2), lane: "of another epoch" });
      return verify(snapshot)
        .map(({ text }) => text)
        .filter((text) => /^acknowledgement|^reservation/.test(text));
    };
    assert.deepEqual(late(1), []);
    assert.deepEqual(late(2), []);
    assert.match(late(3).join(), /reaches for: 100000, expected 800000/);
  });
});
