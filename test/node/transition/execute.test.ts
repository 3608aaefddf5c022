import assert from "node:assert/strict";
import { test } from "node:test";
import { type BlockContext, executeBlock, nextL2View } from "#node/transition/execute.ts";
import { foldBeacon } from "#protocol/digests/consensus.ts";
import { settlementDigest } from "#protocol/digests/settlement.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { Block, type BlockInput } from "#protocol/types/block.ts";
import { seedOf } from "./support/keys.ts";
import { client, EPOCH_MS, START, World } from "./support/world.ts";

test("blocks chain by their roots, from the opening of the epoch on", () => {
  const world = new World();
  const first = world.block().block;
  const second = world.block().block;
  assert.deepEqual(first.previous, world.genesis.digest);
  assert.deepEqual(second.previous, Block.hashTreeRoot(first));
  assert.deepEqual(world.state.blockRoot, Block.hashTreeRoot(second));
  assert.deepEqual(second.stateRoot, world.state.root());
  assert.equal(world.state.height, 1);
  const closed = world.close();
  const opened = world.block().block;
  assert.deepEqual(opened.previous, settlementDigest(closed.settlement));
  assert.deepEqual(world.close().settlement.previous, settlementDigest(closed.settlement));
  assert.equal(world.state.height, 4);
});

test("time never goes back, and the first block at the end closes the epoch", () => {
  const world = new World();
  assert.equal(world.block({ time: START + 500 }).block.time, START + 500);
  assert.equal(world.block({ time: START + 400 }).block.time, START + 500);
  assert.equal(world.block({ time: START + EPOCH_MS - 1 }).closed, undefined);
  const { block, closed } = world.block({ time: START + EPOCH_MS + 7 });
  assert.equal(block.closes, 1);
  assert.equal(closed?.settlement.closeTime, START + EPOCH_MS + 7);
  assert.equal(world.state.epochEnd, START + 2 * EPOCH_MS + 7);
  assert.deepEqual([world.state.epoch, world.state.blocks], [1, 0]);
});

test("leaders' signatures fold into the next seed until a tenth of the epoch is left", () => {
  const world = new World();
  const { networkId } = world.network;
  const beacon = (name: string) => Uint8Array.of(...seedOf(name), ...seedOf(name), ...seedOf(name));
  world.block({ time: START + 100, beacon: beacon("a") });
  world.block({ time: START + EPOCH_MS - EPOCH_MS / 10, beacon: beacon("b") });
  assert.deepEqual(world.state.seed, world.genesis.digest);
  world.block({ time: START + EPOCH_MS - EPOCH_MS / 10 + 1, beacon: beacon("late") });
  const { seed } = world.close({ beacon: beacon("later") });
  const folded = foldBeacon(networkId, world.genesis.digest, beacon("a"));
  assert.deepEqual(seed, foldBeacon(networkId, folded, beacon("b")));
  assert.deepEqual(world.state.seed, seed);
});

test("deposits of a block are there for its transactions", () => {
  const world = new World({ deposits: [] });
  const { block } = world.block({
    events: [{ type: "deposit", account: client.address, amount: 5n, total: 5n }],
    transactions: [world.authorize(client, "s")],
  });
  assert.equal(block.receipts[0]?.status, 0);
});

test("the same inputs give the same blocks, settlements and roots", () => {
  const run = () => {
    const world = new World();
    world.run(world.authorize(client, "s"));
    world.run(world.submitAcks(3, [world.ack(client, "s", { node: 3, units: 12_345n })]));
    world.close();
    world.block();
    return world;
  };
  const [a, b] = [run(), run()];
  assert.deepEqual(a.blocks, b.blocks);
  assert.deepEqual(a.closed, b.closed);
  assert.deepEqual(a.state.root(), b.state.root());
});

test("a block that does not follow is refused: ERR_BLOCK_EPOCH, ERR_BLOCK_INDEX, ERR_BLOCK_OPENING", () => {
  const refused = (change: Partial<BlockInput>, context: Partial<BlockContext>, code: string) => {
    const world = new World();
    const input = { ...world.block().block.input, index: 1, ...change };
    const view = nextL2View(world.state, input);
    const whole = { opening: world.genesis.digest, view, events: [], ...context };
    assert.throws(
      () => executeBlock(world.state, input, whole),
      (error) => isFlkError(error, code),
    );
  };
  refused({ epoch: 1 }, {}, "ERR_BLOCK_EPOCH");
  refused({ index: 0 }, {}, "ERR_BLOCK_INDEX");
  refused({ index: 2 }, {}, "ERR_BLOCK_INDEX");
  refused({}, { opening: seedOf("other") }, "ERR_BLOCK_OPENING");
});
