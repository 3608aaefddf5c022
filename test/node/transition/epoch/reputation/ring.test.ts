import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { observedBy } from "#node/transition/epoch/reputation/ring.ts";
import { MAX_REPORTED_PEERS } from "#protocol/params/limits.ts";

describe("REP-RING", () => {
  it("each of 1,000 nodes observes 64 others and is observed by 64", () => {
    const ring = Array.from({ length: 1_000 }, (_, i) => (i * 7) % 1_000);
    const times = new Map<number, number>();
    for (const observer of ring) {
      const observed = observedBy(ring, observer);
      assert.equal(new Set(observed).size, MAX_REPORTED_PEERS);
      assert.ok(!observed.includes(observer));
      for (const node of observed) times.set(node, (times.get(node) ?? 0) + 1);
    }
    assert.deepEqual(new Set(times.values()), new Set([MAX_REPORTED_PEERS]));
    assert.equal(times.size, 1_000);
  });

  it("is nobody's for one node, for none, and for strangers", () => {
    assert.deepEqual(observedBy([5], 5), []);
    assert.deepEqual(observedBy([], 5), []);
    assert.deepEqual(observedBy([1, 2], 5), []);
    assert.deepEqual(observedBy([1, 2], 1), [2]);
  });
});
