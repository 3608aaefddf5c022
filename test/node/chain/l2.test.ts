import assert from "node:assert/strict";
import { test } from "node:test";
import { errorCode } from "#protocol/errors/error.ts";
import { toHex } from "#protocol/types/hex.ts";
import { accountOf } from "#test/node/transition/support/keys.ts";
import { registered } from "#test/node/transition/support/world.ts";
import { POSTER_STEP_MS, TestNet } from "./support/net.ts";

const newcomer = accountOf("newcomer");

test("a member whose L2 stalls for 30 s waits, then goes on to the same state", async () => {
  const net = new TestNet({ parameters: { epochLengthMs: 60_000n } });
  await net.startAll();
  await net.clock.advance(2_000);
  const stalled = net.node(2);
  stalled.reader.stuckAt = net.l2.height();
  net.l2.emit([{ type: "deposit", account: newcomer.address, amount: 9n, total: 9n }], 3_000);
  await net.clock.advance(30_000);
  assert.ok(stalled.chain.head().height + 20 < net.node(1).chain.head().height);
  assert.equal(stalled.chain.account(newcomer.address), undefined);
  assert.equal(net.node(1).chain.account(newcomer.address)?.balance, 9n);
  stalled.reader.stuckAt = undefined;
  await net.clock.advance(4_000);
  assert.equal(stalled.chain.account(newcomer.address)?.balance, 9n);
  const height = stalled.chain.head().height - 2;
  const [a, b] = await Promise.all([1, 2].map((id) => net.node(id).chain.block(height)));
  assert.equal(toHex(a?.block.stateRoot ?? assert.fail()), toHex(b?.block.stateRoot ?? assert.fail()));
  assert.deepEqual(stalled.fatal, []);
  await net.stop();
});

test("ERR_L2_FORK stops the node: it neither executes nor signs any more", async () => {
  const net = new TestNet();
  await net.startAll();
  await net.clock.advance(2_000);
  const forked = net.node(2);
  forked.reader.forkAt = net.l2.height() + 1;
  await net.clock.advance(4_000);
  assert.deepEqual(forked.fatal.map(errorCode), ["ERR_L2_FORK"]);
  const { height } = forked.chain.head();
  await net.clock.advance(4_000);
  assert.equal(forked.chain.head().height, height);
  assert.ok(net.node(1).chain.head().height > height + 5);
  await net.stop();
});

test("the peers are the staked nodes with their multiaddrs, newcomers from their stake on", async () => {
  const net = new TestNet({ nodes: 6 });
  const withHttp = {
    ...registered(net.world.node(6)),
    nodeId: 7,
    endpoints: "/ip4/127.0.0.1/tcp/9, http://127.0.0.1:4220",
  };
  await net.startAll();
  assert.deepEqual(
    net.node(5).network.peers.map((peer) => peer.nodeId),
    [1, 2, 3, 4, 6],
  );
  net.l2.emit([withHttp]);
  await net.clock.advance(4_000);
  const known = (id: number) => net.node(id).network.peers.map(({ nodeId }) => nodeId);
  for (const id of [1, 5]) assert.ok(!known(id).includes(7), "without stake");
  net.l2.emit([{ type: "stakeChanged", nodeId: 7, staked: 1n, thawing: 0n }]);
  await net.clock.advance(4_000);
  for (const id of [1, 5]) {
    const peer = net.node(id).network.peers.find(({ nodeId }) => nodeId === 7);
    assert.deepEqual(peer?.addresses, ["/ip4/127.0.0.1/tcp/9"]);
  }
  await net.stop();
});

test("the first rank posts at once, the next only when it is silent, and every epoch once and in order", async () => {
  const net = new TestNet();
  await net.startAll();
  await net.epochs(1);
  const at = net.clock.now();
  await net.until("posted", () => net.l2.settlements.length === 1);
  assert.ok((net.l2.settlements[0]?.at ?? 0) - at < POSTER_STEP_MS);
  await net.epochs(3);
  await net.clock.advance(5 * POSTER_STEP_MS);
  const epochs = net.l2.settlements.map(({ certificate }) => certificate.settlement.epoch);
  assert.deepEqual(
    epochs,
    epochs.map((_, i) => i),
  );
  assert.ok(epochs.length >= 3);
  const posted = [...net.nodes.values()].reduce(
    (n, node) => n + node.metrics.value("flk_settlements_posted_total"),
    0,
  );
  assert.equal(posted, epochs.length);
  await net.stop();
});

test("who posted makes active what is due, and the next rank what it does not", async () => {
  const net = new TestNet();
  await net.startAll();
  await net.until("posted", () => net.l2.settlements.length === 1);
  const { by, at } = net.l2.settlements[0] as { by: number; at: number };
  await net.until("active", () => net.l2.activations.length === 1);
  assert.equal(net.l2.activations[0]?.by, by);
  const waited = (net.l2.activations[0]?.at ?? 0) - at;
  assert.ok(waited >= net.l2.activationDelay && waited < net.l2.activationDelay + POSTER_STEP_MS);

  await net.until("posted again", () => net.l2.settlements.length === 2);
  const poster = net.l2.settlements[1]?.by as number;
  await net.crash(poster);
  await net.until("active all the same", () => net.l2.activations.length === 2, 60_000);
  assert.notEqual(net.l2.activations[1]?.by, poster);
  await net.stop();
});

test("an L2 that takes no settlement for two epochs gets all of them, oldest first, when it answers again", async () => {
  const net = new TestNet();
  net.l2.down = true;
  await net.startAll();
  await net.epochs(2);
  assert.equal(net.l2.settlements.length, 0);
  net.l2.down = false;
  await net.until("both posted", () => net.l2.settlements.length >= 2, 60_000);
  assert.deepEqual(
    net.l2.settlements.slice(0, 2).map(({ certificate }) => certificate.settlement.epoch),
    [0, 1],
  );
  await net.until("both active", () => net.l2.activations.length >= 2, 60_000);
  for (const node of net.nodes.values()) assert.deepEqual(node.fatal, []);
  await net.stop();
});
