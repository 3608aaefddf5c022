import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "#protocol/types/hex.ts";
import { TX } from "#protocol/types/transactions.ts";
import { client, treasury } from "#test/node/transition/support/world.ts";
import { TestNet } from "./support/net.ts";

function transfer(net: TestNet, nonce: number): Uint8Array {
  const body = { account: client.address, nonce, to: treasury.address, amount: 1n };
  return client.sign(net.world.network, { kind: TX.transfer, body });
}

async function assertSameRoots(net: TestNet): Promise<void> {
  const nodes = [...net.nodes.values()];
  const height = Math.min(...nodes.map((node) => node.chain.head().height)) - 5;
  const reached = async () =>
    (await Promise.all(nodes.map((node) => node.chain.block(height)))).every(Boolean);
  await net.until(`all certified at ${height}`, reached);
  const roots = await Promise.all(
    nodes.map(async (node) => toHex((await node.chain.block(height))?.block.stateRoot ?? assert.fail())),
  );
  assert.equal(new Set(roots).size, 1);
  for (const node of nodes) assert.deepEqual(node.fatal, [], `node ${node.nodeId}`);
}

test("with Narwhal and Bullshark: five epochs, a changing committee, every transaction once", async () => {
  const net = new TestNet({ narwhal: true, nodes: 6 });
  await net.startAll([1, 2, 3, 4, 5, 6]);
  const ids: Uint8Array[] = [];
  for (let nonce = 0; nonce < 12; nonce++) {
    ids.push(await net.submit(6, transfer(net, nonce)));
    await net.clock.advance(2_500);
  }
  await net.epochs(5);
  await net.clock.advance(3_000);
  await assertSameRoots(net);
  const node = net.node(6);
  const statuses = await Promise.all(ids.map(async (id) => (await node.chain.receipt(id))?.status));
  assert.deepEqual(statuses, Array(12).fill(0));
  assert.equal(node.chain.account(treasury.address)?.balance, 12n);
  assert.ok(net.l2.settlements.length >= 5);
  await net.stop();
});

test("with Narwhal and Bullshark: a node killed in the middle of every epoch ends in the same root", async () => {
  const net = new TestNet({ narwhal: true, nodes: 6 });
  await net.startAll([1, 2, 3, 4, 5, 6]);
  let nonce = 0;
  for (let epoch = 0; epoch < 3; epoch++) {
    await net.clock.advance(3_000);
    await net.submit(1 + (epoch % 6), transfer(net, nonce++));
    const victim = net.node(6).chain.committee().members[epoch]?.nodeId ?? assert.fail();
    const disk = await net.crash(victim);
    await net.clock.advance(2_000);
    await net.start(victim, disk);
    await net.epochs(epoch + 1);
  }
  await net.clock.advance(3_000);
  await assertSameRoots(net);
  assert.equal(net.node(6).chain.account(treasury.address)?.balance, BigInt(nonce));
  await net.stop();
});

test("with Narwhal and Bullshark: a member whose disk stops at any of many writes ends in the same root", async () => {
  const make = () => new TestNet({ narwhal: true, parameters: { epochLengthMs: 4_000n } });
  const probe = make();
  await probe.startAll();
  await probe.epochs(1);
  await probe.clock.advance(2_000);
  const total = probe.node(2).store.count;
  await probe.stop();
  assert.ok(total > 60, `${total} writes`);

  // a step that is no multiple of what one round writes, so that every kind of write is met
  for (let writes = 1; writes < total; writes += 7) {
    const net = make();
    await net.startAll([1, 3, 4, 5]);
    const crashing = await net.start(2, undefined, writes);
    await net.submit(5, transfer(net, 0));
    await net.until("the disk is gone", () => crashing.fatal.length > 0);
    const disk = await net.crash(2);
    await net.clock.advance(500);
    await net.start(2, disk);
    await net.epochs(2);
    await assertSameRoots(net);
    assert.equal(net.node(2).chain.account(treasury.address)?.balance, 1n);
    await net.stop();
  }
});

for (const step of [-60_000, 60_000]) {
  test(`with Narwhal and Bullshark: all clocks are set by ${step} ms, for good and for a while, and blocks go on`, async () => {
    const net = new TestNet({ narwhal: true, parameters: { epochLengthMs: 600_000n } });
    await net.startAll();
    await net.clock.advance(5_000);
    const blocksIn = async (ms: number) => {
      const before = [...net.nodes.values()].map(({ chain }) => chain.head().height);
      await net.clock.advance(ms);
      return Math.min(
        ...[...net.nodes.values()].map(({ chain }, i) => chain.head().height - (before[i] ?? 0)),
      );
    };
    const usual = await blocksIn(10_000);
    assert.ok(usual >= 5, `${usual} blocks`);
    for (const by of [step, -step]) {
      net.clock.step(by);
      await net.clock.advance(2_000);
      const blocks = await blocksIn(10_000);
      assert.ok(blocks >= usual - 2, `${blocks} blocks, ${usual} before`);
    }
    await assertSameRoots(net);
    await net.stop();
  });
}
