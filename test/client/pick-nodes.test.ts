import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NodeMemory, type Offer, type PickOptions, pickFrom, type RankedNode } from "#client/index.ts";
import { Rng } from "#scripts/bench/support/rng.ts";

const DRAWS = 8_000;

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
  it("draws by the square of the score, so that load spreads, and less than half of the usual score only when there is nobody else", () => {
    const found = shares([node(1, 80), node(2, 80), node(3, 40), node(4, 8)]);
    near(found.get(1), 4 / 9);
    near(found.get(2), 4 / 9);
    near(found.get(3), 1 / 9);
    near(found.get(4), 0);
  });

  it("gives newcomers one draw in twenty, whatever their score", () => {
    const found = shares([node(1, 80), node(2, 50, true), node(3, 50, true)]);
    near(found.get(1), 0.95);
    near(found.get(2), 0.025);
  });

  it("prefers those that are near, and those that serve less of the caller's", () => {
    const both = [node(1, 60), node(2, 60)];
    near(shares(both, { near: new Map([[1, 0]]) }).get(1), 10 / 11);
    near(shares(both, { near: new Map([[1, 15]]) }).get(1), 40 ** 4 / (40 ** 4 + 35 ** 4));
    near(shares([...both, node(3, 60)], { near: new Map([[1, 1_000]]) }).get(1), 0);
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
    near(shares(both, { offers }).get(1), 10 / 11);
    near(shares(both, { offers, near: new Map([[1, 20]]) }).get(1), 0.5);
  });

  it("a bad node gains nothing by being the nearest, and a good one that seems to be, not everything", () => {
    const good = Array.from({ length: 10 }, (_, i) => node(i + 1, 95));
    const distances = new Map(good.map(({ nodeId }) => [nodeId, 80]));
    const at = new Map([...distances, [11, 1], [12, 1], [13, 1]]);
    for (const score of [10, 40]) near(shares([...good, node(11, score)], { near: at }).get(11), 0);
    near(shares([...good, node(11, 95)], { near: at }).get(11), 1 / 11);
    const three = shares([...good, node(11, 95), node(12, 95), node(13, 95)], { near: at });
    near((three.get(11) ?? 0) + (three.get(12) ?? 0) + (three.get(13) ?? 0), 30 / 40);
    const many = Array.from({ length: 15 }, (_, i) => node(i + 20, 10));
    const found = shares([...good, ...many], { near: new Map(many.map(({ nodeId }) => [nodeId, 1])) });
    near(
      many.reduce((sum, { nodeId }) => sum + (found.get(nodeId) ?? 0), 0),
      0,
    );
  });

  it("draws those less often that failed the caller, and says no more than that of them", () => {
    const memory = new NodeMemory([], () => 0);
    memory.failed(1, "ERR_CONTENT_HASH");
    memory.failed(2, "ERR_INSUFFICIENT_BALANCE");
    const found = shares([node(1, 60), node(2, 60)], { memory });
    near(found.get(1), 1 / 17);
    assert.equal(pickFrom([node(1, 60)], { count: 1, memory })[0]?.nodeId, 1);
  });

  it("asks who lacks the content after all who may have it", () => {
    const all = [node(1, 60), node(2, 60), node(3, 20), node(4, 50, true)];
    const offers = new Map<number, Offer | null>(
      [false, true, true, true].map((holds, i) => [i + 1, { ms: 1, load: 0, minPrices: [], holds }]),
    );
    const picked = pickFrom(all, { count: 4, offers, random: () => 0.5 }).map(({ nodeId }) => nodeId);
    assert.deepEqual(picked, [2, 4, 3, 1]);
  });

  it("orders a thousand of a thousand in one go", () => {
    const nodes = Array.from({ length: 1_000 }, (_, i) => node(i + 1, 1 + (i % 100), i % 7 === 0));
    let asked = 0;
    const rng = new Rng(3);
    const random = () => {
      asked += 1;
      return rng.next();
    };
    assert.equal(new Set(pickFrom(nodes, { count: 1_000, random })).size, 1_000);
    assert.ok(asked <= 2_000, `${asked} random numbers`);
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
