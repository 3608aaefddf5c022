import assert from "node:assert/strict";
import { test } from "node:test";
import { BlocksRequest, BlocksResponse, MAX_BLOCKS_BYTES, SYNC_TAG } from "#node/chain/sync/wire.ts";
import { MAX_MESSAGE_BYTES } from "#protocol/params/limits.ts";
import { CertifiedBlock } from "#protocol/types/block.ts";
import { toHex } from "#protocol/types/hex.ts";
import { SettlementCertificate } from "#protocol/types/settlement.ts";
import { seedOf } from "#test/node/transition/support/keys.ts";
import type { Tamper } from "./support/fake-network.ts";
import { TestNet, type TestNode } from "./support/net.ts";

/** Changes every block that the node serves. */
function alterBlocks(change: (certified: CertifiedBlock) => CertifiedBlock): Tamper {
  return (answer, channel, request) => {
    if (channel !== "sync" || request[0] !== SYNC_TAG.blocks) return answer;
    const response = BlocksResponse.deserialize(answer);
    const blocks = response.blocks.map((bytes) =>
      CertifiedBlock.serialize(change(CertifiedBlock.deserialize(bytes))),
    );
    return BlocksResponse.serialize({ ...response, blocks });
  };
}

async function followsDespite(tampers: [node: number, tamper: Tamper][]): Promise<TestNode> {
  const net = new TestNet();
  for (const [node, tamper] of tampers) net.hub.tampers.set(node, tamper);
  await net.startAll();
  await net.clock.advance(8_000);
  const follower = net.node(5);
  const head = follower.chain.head();
  assert.ok(head.height >= 8, `followed to ${head.height}`);
  const same = await net.node(1).chain.block(head.height - 1);
  assert.equal(
    toHex((await follower.chain.block(head.height - 1))?.block.stateRoot ?? assert.fail()),
    toHex(same?.block.stateRoot ?? assert.fail()),
  );
  assert.deepEqual(follower.fatal, []);
  await net.stop();
  return follower;
}

function refused(node: TestNode, reason: string): number {
  return node.metrics.value("flk_rejected_messages_total", { reason });
}

test("an altered block is refused and another peer is asked", async () => {
  const altered = alterBlocks(({ block, certificate }) => ({
    block: { ...block, time: block.time + 1 },
    certificate,
  }));
  const follower = await followsDespite([
    [1, altered],
    [2, altered],
    [3, altered],
  ]);
  assert.ok(refused(follower, "ERR_CERTIFICATE_MISMATCH") > 0);
});

test("a forged certificate is refused and another peer is asked", async () => {
  const forged = alterBlocks(({ block, certificate }) => ({
    block,
    certificate: { ...certificate, signature: new Uint8Array(96).fill(9) },
  }));
  const follower = await followsDespite([
    [1, forged],
    [2, forged],
    [4, forged],
  ]);
  assert.ok(refused(follower, "ERR_CERTIFICATE_SIGNATURE") > 0);
});

test("a block with a wrong state root under a certificate made to fit is refused", async () => {
  const forged = alterBlocks(({ block, certificate }) => {
    const other = { ...block, stateRoot: seedOf("other") };
    return {
      block: other,
      certificate: { ...certificate, data: { ...certificate.data, stateRoot: seedOf("other") } },
    };
  });
  const follower = await followsDespite([
    [1, forged],
    [2, forged],
    [3, forged],
  ]);
  assert.ok(refused(follower, "ERR_CERTIFICATE_SIGNATURE") > 0);
});

test("bytes that are no answer, and answers to other questions, are refused", async () => {
  const garbage: Tamper = (answer, channel) => (channel === "sync" ? Uint8Array.of(1, 2, 3) : answer);
  const skips: Tamper = (answer, channel, request) => {
    if (channel !== "sync" || request[0] !== SYNC_TAG.blocks) return answer;
    const response = BlocksResponse.deserialize(answer);
    return BlocksResponse.serialize({ ...response, blocks: response.blocks.slice(1) });
  };
  const endless: Tamper = (answer, channel, request) =>
    channel === "sync" && request[0] === SYNC_TAG.blocks
      ? BlocksResponse.serialize({ total: 4_000_000_000, blocks: [new Uint8Array(8)] })
      : answer;
  const follower = await followsDespite([
    [1, garbage],
    [2, skips],
    [3, endless],
  ]);
  assert.ok(refused(follower, "ERR_DECODE") > 0);
  assert.ok(refused(follower, "ERR_SYNC_RESPONSE") > 0);
});

test("a forged settlement certificate opens no epoch; the true one does", async () => {
  const net = new TestNet();
  const forge: Tamper = (answer, channel, request) => {
    if (channel !== "sync" || request[0] !== SYNC_TAG.settlement || answer.length === 0) return answer;
    const certificate = SettlementCertificate.deserialize(answer);
    return SettlementCertificate.serialize({ ...certificate, signature: new Uint8Array(96).fill(3) });
  };
  for (const node of [1, 2, 3]) net.hub.tampers.set(node, forge);
  await net.startAll();
  await net.clock.advance(4_000);
  const disk = await net.crash(5);
  await net.epochs(1);
  const follower = await net.start(5, disk);
  await net.epochs(2);
  assert.deepEqual(follower.fatal, []);
  assert.ok(await follower.chain.settlement(0));
  await net.stop();
});

test("a block that is larger than a message travels in chunks", async () => {
  const net = new TestNet();
  await net.startAll([1, 2, 3, 4]);
  await net.clock.advance(600);
  // malformed bytes are ordered, too, and get their receipt
  const big = Array.from({ length: 9 }, (_, i) => new Uint8Array(200_000).fill(i + 1));
  const waiting = new Map(big.map((bytes, i) => [`0x${i}`, bytes]));
  net.order.sequencer(0).waiting.set(1, waiting);
  await net.clock.advance(2_000);
  const heights = Array.from({ length: net.node(1).chain.head().height }, (_, i) => i);
  const blocks = await Promise.all(heights.map((height) => net.node(1).chain.block(height)));
  const sizes = blocks.map((block) => (block ? CertifiedBlock.serialize(block).length : 0));
  assert.ok(Math.max(...sizes) > 3 * MAX_MESSAGE_BYTES);
  const follower = await net.start(5);
  await net.clock.advance(3_000);
  assert.ok(follower.chain.head().height > sizes.indexOf(Math.max(...sizes)));
  assert.ok(net.hub.largest <= MAX_MESSAGE_BYTES);
  assert.deepEqual(follower.fatal, []);
  await net.stop();
});

test("an answer holds as many blocks as fit, and none that is not certified", async () => {
  const net = new TestNet();
  await net.startAll([1, 2, 3, 4]);
  await net.clock.advance(4_000);
  const ask = (height: number, offset = 0) => {
    const request = new Uint8Array([SYNC_TAG.blocks, ...BlocksRequest.serialize({ height, offset })]);
    return net.node(2).network.request(1, "sync", request);
  };
  const asked = ask(0);
  const beyond = ask(1_000_000);
  await net.clock.advance(20);
  const answer = BlocksResponse.deserialize(await asked);
  assert.ok(answer.blocks.length > 3);
  assert.ok(answer.blocks.reduce((sum, bytes) => sum + bytes.length, 0) <= MAX_BLOCKS_BYTES);
  const last = CertifiedBlock.deserialize(answer.blocks.at(-1) ?? assert.fail());
  assert.ok(last.block.input.index <= net.node(1).chain.head().height);
  assert.equal(BlocksResponse.deserialize(await beyond).blocks.length, 0);
  await net.stop();
});
