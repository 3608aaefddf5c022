import assert from "node:assert/strict";
import { test } from "node:test";
import { drawRank } from "#protocol/digests/consensus.ts";
import { compareBytes } from "#protocol/types/codec.ts";
import { TX } from "#protocol/types/transactions.ts";
import { nodeKeys } from "../support/keys.ts";
import { FLK, registered, staked, World } from "../support/world.ts";

const ids = (committee: { members: { nodeId: number }[] }) =>
  committee.members.map((member) => member.nodeId);

test("the eligible nodes of lowest H(seed ‖ nodeId) win, ascending, with power 1 each", () => {
  const world = new World({ nodes: 12 });
  const { nextCommittee, seed } = world.close();
  const ranked = world.nodes
    .map(({ nodeId }) => ({ nodeId, rank: drawRank(world.network.networkId, "committee", seed, nodeId) }))
    .sort((a, b) => compareBytes(a.rank, b.rank));
  const winners = ranked.slice(0, 4).map((entry) => entry.nodeId);
  assert.deepEqual(
    ids(nextCommittee),
    winners.sort((a, b) => a - b),
  );
  assert.ok(nextCommittee.members.every((member) => member.power === 1));
  assert.equal(nextCommittee.epoch, 1);
});

test("at least one seat changes in every epoch while there is an outsider", () => {
  const world = new World({ nodes: 5 });
  for (let epoch = 0; epoch < 40; epoch++) {
    const { committee, nextCommittee } = world.close();
    assert.notDeepEqual(ids(committee), ids(nextCommittee));
    assert.equal(nextCommittee.members.length, 4);
  }
});

test("without an outsider the same members go on", () => {
  const world = new World({ nodes: 4 });
  assert.deepEqual(ids(world.close().nextCommittee), [1, 2, 3, 4]);
});

test("a newcomer waits for a whole epoch before the snapshot, then for the draw", () => {
  const world = new World({ nodes: 4, parameters: { committeeSize: 5n } });
  world.block({ events: [registered(nodeKeys(5)), staked(5, 1000n * FLK)] });
  const drawn = [0, 1, 2].map(() => ids(world.close().nextCommittee).includes(5));
  assert.deepEqual(drawn, [false, false, true]);
});

test("raising the stake to the minimum starts the wait anew", () => {
  const world = new World({ nodes: 5, parameters: { committeeSize: 5n, eligibilityEpochs: 2n } });
  for (let epoch = 0; epoch < 3; epoch++) world.close();
  world.block({ events: [staked(5, 1n)] });
  assert.ok(!ids(world.close().nextCommittee).includes(5));
  world.block({ events: [staked(5, 1000n * FLK)] });
  const drawn = [0, 1, 2, 3].map(() => ids(world.close().nextCommittee).includes(5));
  assert.deepEqual(drawn, [false, false, false, true]);
});

test("a node that lost its stake since the snapshot is not drawn", () => {
  const world = new World({ nodes: 5, parameters: { committeeSize: 5n } });
  world.block({ events: [staked(2, 0n, 1000n * FLK)] });
  assert.deepEqual(ids(world.close().nextCommittee), [1, 3, 4, 5]);
});

test("floors relax in order: the snapshot, then opting in; below 4 staked the old committee stays", () => {
  const young = new World({ nodes: 4, parameters: { eligibilityEpochs: 50n } });
  young.block({ events: [staked(1, 0n), registered(nodeKeys(5)), staked(5, 1000n * FLK)] });
  assert.deepEqual(ids(young.close().nextCommittee), [2, 3, 4, 5]);

  const leaving = new World({ nodes: 5 });
  for (const node of [1, 2, 3]) leaving.run(leaving.nodeTx({ kind: TX.optOut, body: { node, nonce: 0 } }));
  assert.equal(leaving.close().nextCommittee.members.length, 4);

  const unstaked = new World({ nodes: 5 });
  unstaked.block({ events: [staked(4, 0n), staked(5, 0n)] });
  assert.deepEqual(ids(unstaked.close().nextCommittee), [1, 2, 3, 4]);
});
