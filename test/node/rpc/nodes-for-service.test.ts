import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HeadView, NodeView, StandingView } from "#node/interface/chain-view.ts";
import { nodesForService } from "#node/rpc/nodes-for-service.ts";

const NODES = 3_000;
const LIMIT = 1_000;
const BLOCKS = 200;

/** Every tenth is new, of the others every second has half the score. */
function chainOf(block: number, count = NODES) {
  const isNew = (nodeId: number): boolean => nodeId % 10 === 0;
  return {
    head: () => ({ blockRoot: new Uint8Array(32).fill(block) }) as HeadView,
    nodes: () =>
      Array.from({ length: count }, (_, nodeId) => {
        const reputation = isNew(nodeId) ? 50 : nodeId % 2 === 0 ? 40 : 80;
        return { nodeId, reputation, optedIn: nodeId !== 1, stake: nodeId === 3 ? 9n : 10n } as NodeView;
      }),
    parameter: () => 10n,
    observed: () => [0],
    standing: (nodeId: number) => (isNew(nodeId) ? undefined : ({ measured: 1 } as StandingView)),
  };
}

const listed = (block: number, limit = LIMIT, count = NODES) => nodesForService(chainOf(block, count), limit);

describe("REP-LIST: more nodes than a list has room for", () => {
  it("lists them all while there is room, the best first, without those that do not take part", () => {
    const all = listed(0, LIMIT, 30);
    assert.equal(all.length, 28);
    assert.deepEqual(
      all.map(({ node }) => node.reputation),
      all.map(({ node }) => node.reputation).sort((a, b) => b - a),
    );
    assert.ok(!all.some(({ node }) => node.nodeId === 1 || node.nodeId === 3));
  });

  it("keeps a twentieth for newcomers, and leaves nobody out for ever", () => {
    const times = new Map<number, number>();
    for (let block = 0; block < BLOCKS; block++) {
      const list = listed(block);
      assert.equal(list.length, LIMIT);
      assert.equal(new Set(list.map(({ node }) => node.nodeId)).size, LIMIT);
      assert.equal(list.filter(({ newcomer }) => newcomer).length, LIMIT / 20);
      for (const { node } of list) times.set(node.nodeId, (times.get(node.nodeId) ?? 0) + 1);
    }
    assert.equal(times.size, NODES - 2);
    const sum = (of: (nodeId: number) => boolean): number =>
      [...times].reduce((total, [nodeId, count]) => total + (of(nodeId) ? count : 0), 0);
    const better = sum((nodeId) => nodeId % 2 === 1);
    const worse = sum((nodeId) => nodeId % 2 === 0 && nodeId % 10 !== 0);
    assert.ok(better > 2 * worse, `${better} against ${worse}`);
  });

  it("is the same for one block, and fills up with newcomers where others are too few", () => {
    assert.deepEqual(listed(7), listed(7));
    assert.notDeepEqual(listed(7), listed(8));
    const few = listed(1, 28, 30);
    assert.equal(few.length, 28);
    assert.equal(listed(1, 0).length, 0);
    assert.equal(listed(1, 1).length, 1);
  });

  it("keeps a twentieth of short lists for newcomers, too, over the blocks", () => {
    for (const limit of [1, 2, 5]) {
      let newcomers = 0;
      for (let block = 0; block < 256; block++) {
        newcomers += listed(block, limit, 60).filter(({ newcomer }) => newcomer).length;
      }
      const share = newcomers / (256 * limit);
      assert.ok(share > 0.01 && share < 0.1, `${limit}: ${share}`);
    }
  });

  it("goes through all nodes once a block, however many lists of it are asked for", () => {
    let block = 1;
    let reads = 0;
    const chain = {
      ...chainOf(0),
      head: () => ({ blockRoot: new Uint8Array(32).fill(block) }) as HeadView,
      nodes: () => {
        reads++;
        return chainOf(0).nodes();
      },
    };
    for (const limit of [LIMIT, 1, 20, LIMIT, 0, NODES])
      assert.deepEqual(nodesForService(chain, limit), listed(1, limit));
    nodesForService(chain, LIMIT).pop();
    assert.equal(nodesForService(chain, NODES).length, NODES - 2, "what is handed out belongs to who asked");
    assert.equal(reads, 1);
    block = 2;
    assert.deepEqual(nodesForService(chain, LIMIT), listed(2));
    assert.equal(reads, 2);
  });

  it("shows who is not in the ring, so that nobody measures it, as a newcomer of 50 at most, and one that was worse as it was", () => {
    const scores = [90, 90, 51, 49, 0];
    const listed = nodesForService(
      {
        head: () => ({ blockRoot: new Uint8Array(32) }) as HeadView,
        nodes: () =>
          scores.map((reputation, nodeId) => ({ nodeId, reputation, optedIn: true, stake: 10n }) as NodeView),
        parameter: () => 10n,
        standing: () => ({ measured: 1 }) as StandingView,
        observed: (nodeId) => (nodeId === 0 ? [1] : []),
      },
      LIMIT,
    );
    assert.deepEqual(
      listed.map(({ node, newcomer }) => [node.nodeId, node.reputation, newcomer]),
      [
        [0, 90, false],
        [1, 50, true],
        [2, 50, true],
        [3, 49, false],
        [4, 0, false],
      ],
    );
  });
});
