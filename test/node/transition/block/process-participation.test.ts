import assert from "node:assert/strict";
import { test } from "node:test";
import { TX } from "#protocol/types/transactions.ts";
import { FLK, staked, World } from "../support/world.ts";

function opt(
  world: World,
  kind: typeof TX.optIn | typeof TX.optOut,
  node: number,
  nonce?: number,
): Uint8Array {
  return world.nodeTx({ kind, body: { node, nonce: nonce ?? world.state.node(node)?.nonce ?? 0 } });
}

test("a node that opts out keeps its seat to the end of the epoch and is not drawn again", () => {
  const world = new World({ nodes: 7 });
  assert.equal(world.run(opt(world, TX.optOut, 2)).code, "OK");
  assert.equal(world.state.node(2)?.optedIn, false);
  assert.ok(world.state.committee().members.some((member) => member.nodeId === 2));
  for (let epoch = 0; epoch < 6; epoch++) {
    const { nextCommittee } = world.close();
    assert.ok(nextCommittee.members.every((member) => member.nodeId !== 2));
  }
});

test("a node that opts in again is drawn once a snapshot has seen it", () => {
  const world = new World({ nodes: 5, parameters: { committeeSize: 5n } });
  world.run(opt(world, TX.optOut, 5));
  assert.equal(world.close().nextCommittee.members.length, 4);
  assert.equal(world.run(opt(world, TX.optIn, 5)).code, "OK");
  assert.equal(world.close().nextCommittee.members.length, 4);
  assert.equal(world.close().nextCommittee.members.length, 5);
});

test("ERR_ALREADY_OPTED either way", () => {
  const world = new World();
  assert.equal(world.run(opt(world, TX.optIn, 1)).code, "ERR_ALREADY_OPTED");
  assert.equal(world.run(opt(world, TX.optOut, 1)).code, "OK");
  assert.equal(world.run(opt(world, TX.optOut, 1)).code, "ERR_ALREADY_OPTED");
});

test("ERR_NODE_NOT_STAKED below the minimum", () => {
  const world = new World();
  world.run(opt(world, TX.optOut, 6));
  world.block({ events: [staked(6, 1000n * FLK - 1n)] });
  assert.equal(world.run(opt(world, TX.optIn, 6)).code, "ERR_NODE_NOT_STAKED");
});

test("ERR_UNKNOWN_NODE", () => {
  const world = new World();
  const transaction = world.nodeTx({ kind: TX.optOut, body: { node: 99, nonce: 0 } }, world.node(1).network);
  assert.equal(world.run(transaction).code, "ERR_UNKNOWN_NODE");
});

test("ERR_BAD_NONCE: a replay changes nothing", () => {
  const world = new World();
  const out = opt(world, TX.optOut, 1);
  assert.equal(world.run(out).code, "OK");
  assert.equal(world.run(opt(world, TX.optIn, 1)).code, "OK");
  assert.equal(world.run(out).code, "ERR_BAD_NONCE");
  assert.equal(world.state.node(1)?.optedIn, true);
});

test("the kind is part of what the node signs: an opt-out signature is no opt-in", () => {
  const world = new World();
  const out = opt(world, TX.optOut, 1);
  const forged = Uint8Array.from(out);
  forged[0] = TX.optIn;
  assert.equal(world.run(forged).code, "ERR_BAD_SIGNATURE");
});
