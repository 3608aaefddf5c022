import assert from "node:assert/strict";
import { test } from "node:test";
import { BlockStore } from "#node/chain/import/block-store.ts";
import { ackStatus, receiptStatus } from "#protocol/errors/codes.ts";
import type { Block } from "#protocol/types/block.ts";
import { TX } from "#protocol/types/transactions.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";
import { client, treasury } from "#test/node/transition/support/world.ts";
import { TestNet } from "./support/net.ts";

const txId = new Uint8Array(32).fill(7);
const OK = 0;
const POOR = receiptStatus("ERR_INSUFFICIENT_BALANCE");
const NONCE = receiptStatus("ERR_BAD_NONCE");

/** What is found of a transaction after blocks gave it these receipts. */
async function found(...receipts: { status: number; ackStatus?: number[]; kind?: number }[]) {
  const store = new MemoryStore();
  const blocks = new BlockStore(store);
  for (const [height, { status, ackStatus = [], kind = TX.submitAcks }] of receipts.entries()) {
    const block = blockWith({ txId, kind, status, ackStatus, changes: [] });
    await store.write(await blocks.writes(height, block));
  }
  return blocks.receipt(txId);
}

function blockWith(receipt: Block["receipts"][number]): Block {
  const [zeros, beacon] = [new Uint8Array(32), new Uint8Array(96)];
  const at = { epoch: 0, index: 0, anchorRound: 0, anchorAuthor: 0, anchor: zeros, time: 0, beacon };
  return {
    input: { ...at, reports: [], transactions: [] },
    previous: zeros,
    time: 0,
    l2View: { number: 0, hash: zeros },
    l2Changes: [],
    receipts: [receipt],
    stateRoot: zeros,
    closes: 0,
  };
}

test("the first receipt of a transaction stays, whatever its repetition gives", async () => {
  assert.deepEqual(await found({ status: OK }, { status: NONCE }), { height: 0, status: OK, ackStatus: [] });
  assert.deepEqual(await found({ status: POOR }, { status: NONCE }), {
    height: 0,
    status: POOR,
    ackStatus: [],
  });
  assert.deepEqual(await found({ status: OK, ackStatus: [0] }, { status: OK, ackStatus: [1] }), {
    height: 0,
    status: OK,
    ackStatus: [0],
  });
});

test("a repetition that is applied replaces the rejection: money has moved", async () => {
  assert.deepEqual(await found({ status: NONCE }, { status: OK }, { status: NONCE }), {
    height: 1,
    status: OK,
    ackStatus: [],
  });
});

test("what used up its sequence number keeps its receipt: paid in part, or a reservation refused for want of money", async () => {
  const partial = { status: OK, ackStatus: [ackStatus("OK"), ackStatus("ACK_PARTIAL_LIMIT")] };
  assert.deepEqual(await found(partial, { status: NONCE }), { height: 0, ...partial });
  assert.deepEqual(await found({ status: receiptStatus("ERR_QUOTA_EXCEEDED") }, partial), {
    height: 1,
    ...partial,
  });
  const refused = { kind: TX.reserve, status: POOR };
  assert.deepEqual(await found(refused, { kind: TX.reserve, status: NONCE }), {
    height: 0,
    status: POOR,
    ackStatus: [],
  });
});

test("a transaction that was committed as rejected is answered with its id and is not ordered again", async () => {
  const net = new TestNet({ narwhal: true });
  await net.startAll();
  const body = { account: client.address, nonce: 0, to: treasury.address, amount: 10n ** 18n };
  const transfer = client.sign(net.world.network, { kind: TX.transfer, body });
  const id = await net.submit(5, transfer);
  await net.clock.advance(3_000);
  const receipt = await net.node(5).chain.receipt(id);
  assert.equal(receipt?.status, POOR);
  for (const node of [1, 2, 5]) assert.deepEqual(await net.submit(node, transfer), id);
  await net.clock.advance(3_000);
  assert.deepEqual(await net.node(5).chain.receipt(id), receipt);
  let ordered = 0;
  for (let height = 0; height <= net.node(5).chain.head().height; height++) {
    ordered += (await net.node(5).chain.block(height))?.block.receipts.length ?? 0;
  }
  assert.equal(ordered, 1);
  await net.stop();
});
