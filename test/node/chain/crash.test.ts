import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "#protocol/types/hex.ts";
import { TX } from "#protocol/types/transactions.ts";
import { client, treasury } from "#test/node/transition/support/world.ts";
import { TestNet } from "./support/net.ts";

async function rootAt(net: TestNet, nodeId: number, height: number): Promise<string | undefined> {
  const block = await net.node(nodeId).chain.block(height);
  return block && toHex(block.block.stateRoot);
}

/** Everyone got so far with the same result and without a fatal error. */
async function assertSame(net: TestNet, height: number): Promise<void> {
  const reached = async () =>
    (await Promise.all([...net.nodes.keys()].map((id) => rootAt(net, id, height)))).every((root) => root);
  await net.until(`all at height ${height}`, reached);
  const roots = await Promise.all([...net.nodes.keys()].map((id) => rootAt(net, id, height)));
  assert.equal(new Set(roots).size, 1);
  for (const node of net.nodes.values()) assert.deepEqual(node.fatal, [], `node ${node.nodeId}`);
}

test("a member whose disk stops after any write restarts into the same root", async () => {
  const probe = new TestNet({ parameters: { epochLengthMs: 3_000n } });
  await probe.startAll();
  await probe.epochs(2);
  const total = probe.node(2).store.count;
  await probe.stop();
  assert.ok(total > 20);

  for (let writes = 0; writes < total; writes++) {
    const net = new TestNet({ parameters: { epochLengthMs: 3_000n } });
    await net.startAll([1, 3, 4, 5]);
    const crashing = await net.start(2, undefined, writes);
    const ends = () => crashing.fatal.length > 0;
    await net.until("the disk is gone", ends);
    const disk = await net.crash(2);
    await net.clock.advance(700);
    await net.start(2, disk);
    await net.epochs(2);
    await assertSame(net, net.node(1).chain.head().height - 3);
    await net.stop();
  }
});

test("what consensus emits again after a restart is executed once", async () => {
  const net = new TestNet();
  net.order.forgetful = true;
  await net.startAll();
  const transfer = client.sign(net.world.network, {
    kind: TX.transfer,
    body: { account: client.address, nonce: 0, to: treasury.address, amount: 7n },
  });
  await net.node(1).chain.submit(transfer);
  await net.clock.advance(3_000);
  await net.start(3, await net.crash(3));
  await net.epochs(1);
  await assertSame(net, net.node(1).chain.head().height - 3);
  for (const node of net.nodes.values()) assert.equal(node.chain.account(treasury.address)?.balance, 7n);
  await net.stop();
});

test("the whole committee crashing between close and settlement still settles and goes on", async () => {
  const net = new TestNet();
  await net.startAll();
  const closed = () => [...net.nodes.values()].some((node) => node.chain.head().epoch === 1);
  while (!closed()) await net.clock.advance(5);
  const disks = new Map<number, Awaited<ReturnType<TestNet["crash"]>>>();
  for (const id of [1, 2, 3, 4, 5]) disks.set(id, await net.crash(id));
  for (const [id, disk] of disks) await net.start(id, disk);
  await net.epochs(2);
  await assertSame(net, net.node(1).chain.head().height - 3);
  await net.until("epoch 0 posted", () => net.l2.settlements.length > 0);
  await net.stop();
});

test("a follower that was away for two epochs catches up over the committees in between", async () => {
  const net = new TestNet();
  await net.startAll();
  await net.clock.advance(4_000);
  const disk = await net.crash(5);
  // node 5 gets a seat sooner or later: the others go on as long as three of them run
  await net.until("two epochs without it", () => net.node(1).chain.head().epoch >= 2);
  await net.start(5, disk);
  await net.epochs(3);
  await assertSame(net, net.node(1).chain.head().height - 3);
  await net.stop();
});
