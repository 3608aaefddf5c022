import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Offer, type PickOptions, pickFrom, type RankedNode } from "#client/index.ts";
import { Rng } from "#scripts/bench/support/rng.ts";

const DRAWS = 20_000;

function node(nodeId: number, reputation: number, newcomer = false): RankedNode {
  const keys = { owner: new Uint8Array(20), networkKey: new Uint8Array(32), endpoints: [], stake: 1n };
  return { nodeId, reputation, newcomer, ...keys };
}

/** Part of the draws that each node got. */
function shares(nodes: RankedNode[], options: Partial<PickOptions> = {}): Map<number, number> {
  const rng = new Rng(9);
  const found = new Map<number, number>(nodes.map(({ nodeId }) => [nodeId, 0]));
  for (let i = 0; i < DRAWS; i++) {
    const [picked] = pickFrom(nodes, { count: 1, random: () => rng.next(), ...options });
    if (picked) found.set(picked.nodeId, (found.get(picked.nodeId) ?? 0) + 1 / DRAWS);
  }
  return found;
}

const near = (value: number | undefined, wanted: number): void =>
  assert.ok(Math.abs((value ?? -1) - wanted) < 0.015, `${value} is not ${wanted}`);

describe("REP-ROUTE: pickFrom", () => {
  it("draws by the square of the score, so that load spreads and a bad node gets next to nothing", () => {
    const found = shares([node(1, 80), node(2, 80), node(3, 40), node(4, 8)]);
    near(found.get(1), 4 / 9.04);
    near(found.get(2), 4 / 9.04);
    near(found.get(3), 1 / 9.04);
    near(found.get(4), 0.04 / 9.04);
  });

  it("gives newcomers one draw in twenty, whatever their score", () => {
    const found = shares([node(1, 80), node(2, 50, true), node(3, 50, true)]);
    near(found.get(1), 0.95);
    near(found.get(2), 0.025);
  });

  it("prefers those that are near, and those that serve less of the caller's", () => {
    const both = [node(1, 60), node(2, 60)];
    near(shares(both, { near: new Map([[1, 0]]) }).get(1), 16 / 17);
    near(shares(both, { load: new Map([[1, 3]]) }).get(1), 0.2);
  });

  it("prefers those that say they are idle, by no more than four to one, whatever they say", () => {
    const both = [node(1, 60), node(2, 60)];
    const offer = (load: number): Offer => ({ ms: 20, load, minPrices: [] });
    near(
      shares(both, {
        offers: new Map([
          [1, offer(0)],
          [2, offer(100)],
        ]),
      }).get(1),
      0.8,
    );
    near(
      shares(both, {
        offers: new Map([
          [1, offer(40)],
          [2, offer(100)],
        ]),
      }).get(1),
      0.7 / 0.95,
    );
  });

  it("counts how soon a node answered as its distance, unless the caller knows better", () => {
    const both = [node(1, 60), node(2, 60)];
    const offers = new Map([[1, { ms: 0, load: 0, minPrices: [] }]]);
    near(shares(both, { offers }).get(1), 16 / 17);
    near(shares(both, { offers, near: new Map([[1, 20]]) }).get(1), 0.5);
  });

  it("leaves out who wants more than is paid, and takes who does not answer only when there is nobody else", () => {
    const all = [node(1, 60), node(2, 60), node(3, 60), node(4, 50, true)];
    const offers = new Map<number, Offer | null>([
      [1, { ms: 20, load: 0, minPrices: [11n] }],
      [2, { ms: 20, load: 0, minPrices: [10n] }],
      [3, null],
      [4, null],
    ]);
    const picked = pickFrom(all, { count: 9, offers, price: 10n }).map(({ nodeId }) => nodeId);
    assert.equal(picked[0], 2);
    assert.deepEqual(new Set(picked), new Set([2, 3, 4]));
    assert.equal(pickFrom(all, { count: 9, offers, price: 11n }).length, 4);
    assert.equal(pickFrom(all, { count: 9, offers, price: 0n, commodity: 1 }).length, 4);
    assert.equal(pickFrom(all, { count: 9, offers }).length, 4);
  });

  it("draws without repetition, and nodes of score 0 only when there is nobody else", () => {
    const nodes = [node(1, 0), node(2, 90), node(3, 1)];
    const rng = new Rng(1);
    for (let i = 0; i < 100; i++) {
      const picked = pickFrom(nodes, { count: 5, random: () => rng.next() });
      assert.deepEqual(new Set(picked.map(({ nodeId }) => nodeId)), new Set([1, 2, 3]));
      assert.equal(picked[2]?.nodeId, 1);
    }
    assert.equal(pickFrom([node(7, 0)], { count: 1 })[0]?.nodeId, 7);
    assert.equal(pickFrom([node(7, 50, true)], { count: 1 })[0]?.nodeId, 7);
    assert.deepEqual(pickFrom([], { count: 3 }), []);
    assert.deepEqual(pickFrom(nodes, { count: 0 }), []);
  });
});
