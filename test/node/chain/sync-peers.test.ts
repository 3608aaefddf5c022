import assert from "node:assert/strict";
import { test } from "node:test";
import { SyncPeers, type SyncPeersOptions } from "#node/chain/sync/peers.ts";
import { BlocksResponse, Head, SYNC_TAG } from "#node/chain/sync/wire.ts";
import { toHex } from "#protocol/types/hex.ts";
import type { Tamper } from "./support/fake-network.ts";
import { TestNet } from "./support/net.ts";

const CLAIM = 1_000_000;

const HEAD: Head = { certified: 10, settled: 0 };
const syncPeers = (options: Partial<SyncPeersOptions> = {}): SyncPeers =>
  new SyncPeers({ self: 1, elapsed: () => 0, reputation: () => 50, ...options });

/** How often each is the first to be asked for blocks, of 2 000 times; `asked` after each. */
function firsts(peers: SyncPeers, nodes: readonly number[], asked: (node: number) => void = () => undefined) {
  const times = new Map(nodes.map((node) => [node, 0]));
  for (const node of nodes) peers.note(node, HEAD);
  for (let i = 0; i < 2_000; i++) {
    const order = peers.having(nodes, ({ certified }) => certified > 5);
    assert.deepEqual([...order].sort(), [...nodes].sort());
    const first = order[0] ?? assert.fail();
    times.set(first, (times.get(first) ?? 0) + 1);
    asked(first);
  }
  return times;
}

/** Claims more than anyone has, and answers with `blocks` when asked for blocks. */
function boasts(blocks: Uint8Array[]): Tamper {
  return (answer, channel, request) => {
    if (channel !== "sync" || answer.length === 0) return answer;
    if (request[0] === SYNC_TAG.head) return Head.serialize({ certified: CLAIM, settled: 0 });
    if (request[0] === SYNC_TAG.blocks) return BlocksResponse.serialize({ total: 0, blocks });
    return answer;
  };
}

/** `settledMs`: from then on the follower is at most `most` blocks behind. */
async function followsDespite(
  liar: (net: TestNet, first: Uint8Array) => void,
  settledMs = 1_000,
  most = 6,
): Promise<TestNet> {
  const net = new TestNet();
  await net.startAll([1, 2, 3, 4]);
  await net.clock.advance(2_000);
  const first = await net.node(1).store.get("block", Uint8Array.of(98, 0, 0, 0, 0, 0, 0, 0, 0));
  assert.ok(first);
  const request = new Uint8Array([SYNC_TAG.blocks, ...new Uint8Array(12)]);
  const asked = net.node(2).network.request(1, "sync", request);
  await net.clock.advance(50);
  const [certified] = BlocksResponse.deserialize(await asked).blocks;
  liar(net, certified ?? assert.fail());
  net.hub.asked.clear();
  const follower = await net.start(5);
  await net.clock.advance(settledMs);
  let worst = 0;
  for (let i = 0; i < 30; i++) {
    await net.clock.advance(200);
    worst = Math.max(worst, net.node(2).chain.head().height - follower.chain.head().height);
  }
  assert.ok(worst <= most, `${worst} blocks behind`);
  const { height } = follower.chain.head();
  const [own, other] = await Promise.all([follower, net.node(2)].map((node) => node.chain.block(height - 4)));
  assert.equal(toHex(own?.block.stateRoot ?? assert.fail()), toHex(other?.block.stateRoot ?? assert.fail()));
  assert.deepEqual(follower.fatal, []);
  return net;
}

function assertSpared(net: TestNet, liar: number, most: number): void {
  const asked = net.hub.asked.get(`5/${liar}`) ?? 0;
  assert.ok(asked > 0 && asked <= most, `the liar was asked ${asked} times`);
}

test("an old certified block as the answer is no progress: its sender is blamed and others are asked", async () => {
  const net = await followsDespite(({ hub }, first) => hub.tampers.set(1, boasts([first])));
  assertSpared(net, 1, 16);
  const { metrics } = net.node(5);
  assert.ok(metrics.value("flk_rejected_messages_total", { reason: "ERR_SYNC_RESPONSE" }) > 0);
  await net.stop();
});

test("who claims a high head and gives no block is blamed, and others are asked", async () => {
  const net = await followsDespite(({ hub }) => hub.tampers.set(1, boasts([])));
  assertSpared(net, 1, 16);
  const { metrics } = net.node(5);
  assert.ok(metrics.value("flk_rejected_messages_total", { reason: "ERR_SYNC_RESPONSE" }) > 0);
  await net.stop();
});

test("with nobody else to ask, an old block as the answer costs one request per round", async () => {
  const net = new TestNet();
  await net.startAll([1, 2, 3, 4]);
  await net.clock.advance(2_000);
  const request = new Uint8Array([SYNC_TAG.blocks, ...new Uint8Array(12)]);
  const asked = net.node(2).network.request(1, "sync", request);
  await net.clock.advance(50);
  const [first] = BlocksResponse.deserialize(await asked).blocks;
  for (const node of [1, 2, 3, 4]) net.hub.tampers.set(node, boasts([first ?? assert.fail()]));
  await net.start(5);
  net.hub.asked.clear();
  await net.clock.advance(4_000);
  const total = [1, 2, 3, 4].reduce((sum, node) => sum + (net.hub.asked.get(`5/${node}`) ?? 0), 0);
  assert.ok(total < 300, `${total} requests in 4 s`);
  await net.stop();
});

test("one who lets requests time out is blamed, and does not hold up those who follow", async () => {
  // one request may run into its time limit, as nothing is known of the peer
  const net = await followsDespite(({ hub }) => hub.mute.add(1), 6_000, 8);
  assertSpared(net, 1, 8);
  const { metrics } = net.node(5);
  assert.ok(metrics.value("flk_rejected_messages_total", { reason: "ERR_REQUEST_TIMEOUT" }) > 0);
  await net.stop();
});

test("a blamed peer rests, longer with each mistake; it is asked when all rest, and good answers make up for it", () => {
  let now = 0;
  const peers = syncPeers({ elapsed: () => now });
  const all = [1, 2, 3];
  const asked = () => peers.any(all, 3).sort();
  peers.blame(2);
  assert.deepEqual(asked(), [1, 3]);
  now = 1_000;
  assert.deepEqual(asked(), [1, 2, 3]);
  assert.equal(peers.any(all, 3).at(-1), 2);
  peers.blame(2);
  now = 2_500;
  assert.deepEqual(asked(), [1, 3]);
  peers.blame(1);
  peers.blame(3);
  assert.deepEqual(asked(), [1, 2, 3]);
  now = 60_000;
  peers.praise(2);
  peers.praise(2);
  assert.notEqual(peers.any(all, 3).at(-1), 2);
});

test("REP-SOURCE: what is wanted is asked for where answers came soon before, but of everybody now and then", () => {
  let now = 0;
  const peers = syncPeers({ elapsed: () => now });
  const took = new Map([1, 2, 3, 4].map((node) => [node, node === 4 ? 2_000 : 60]));
  const ask = (node: number): void => {
    const asked = peers.asks(node);
    now += took.get(node) ?? 0;
    peers.note(node, HEAD, asked.ms());
  };
  const slow = firsts(peers, [1, 2, 3, 4], ask);
  const of = (node: number): number => slow.get(node) ?? 0;
  assert.ok(of(4) > 10 && of(4) < 80, `the slow one ${of(4)} times`);
  for (const node of [1, 2, 3]) assert.ok(of(node) > 400, `${node}: ${of(node)} times`);
  took.set(4, 60);
  assert.ok((firsts(peers, [1, 2, 3, 4], ask).get(4) ?? 0) > 200, "it is quick now");
});

test("REP-SOURCE: blocks are asked for by score, of who has less than half of what is usual last but for the even share", () => {
  const scores = new Map([90, 90, 60, 0].map((score, i) => [i + 1, score]));
  const times = firsts(syncPeers({ reputation: (node) => scores.get(node) }), [1, 2, 3, 4]);
  const of = (node: number): number => times.get(node) ?? 0;
  assert.ok(of(3) > 200 && of(3) < of(1) && of(3) < of(2), `${of(3)} times`);
  assert.ok(of(4) > 5 && of(4) < 60, `${of(4)} times`);
  const none = firsts(syncPeers({ reputation: () => 0 }), [1, 2]);
  assert.ok((none.get(1) ?? 0) > 800 && (none.get(2) ?? 0) > 800, "nobody has a score");
});

test("who is blamed comes after all others, however good and quick", () => {
  const peers = syncPeers({ reputation: (node) => (node === 1 ? 100 : 20) });
  for (const node of [1, 2, 3]) peers.note(node, HEAD);
  for (const node of [1, 1, 2, 3]) peers.blame(node);
  for (let i = 0; i < 100; i++) {
    assert.equal(peers.having([1, 2, 3], () => true).at(-1), 1);
  }
});

test("a third of the peers cannot raise what all are taken to have", () => {
  const peers = syncPeers();
  assert.equal(peers.claimed([]), 0);
  assert.equal(peers.claimed([1, 2, 3]), 0);
  for (const node of [1, 2, 3, 4, 5, 6]) peers.note(node, { certified: 100 + node, settled: 0 });
  for (const node of [5, 6]) peers.note(node, { certified: CLAIM, settled: 0 });
  assert.equal(peers.claimed([1, 2, 3, 4, 5, 6]), 104);
  assert.equal(peers.claimed([5, 1, 2]), 102);
  assert.equal(peers.claimed([1]), 101);
});

test("a node that gets no blocks says how far it is behind, and one without peers says so", async () => {
  const net = new TestNet();
  await net.startAll([1, 2, 3, 4]);
  await net.clock.advance(9_000);
  await net.epochs(1);
  await net.clock.advance(9_000);
  const none: Tamper = (answer, channel, request) =>
    channel === "sync" && request[0] === SYNC_TAG.blocks
      ? BlocksResponse.serialize({ total: 0, blocks: [] })
      : answer;
  for (const node of [1, 2, 3, 4]) net.hub.tampers.set(node, none);
  const follower = await net.start(5);
  await net.clock.advance(2_000);
  assert.match(follower.chain.behind() ?? "", /^\d+ blocks behind what peers have$/);
  net.hub.tampers.clear();
  await net.until("caught up", () => follower.chain.behind() === undefined);
  assert.ok(follower.chain.head().epoch >= 1);
  assert.equal(net.node(1).chain.behind(), undefined);
  net.hub.leave(5);
  assert.equal(follower.chain.behind(), "connected to no other node");
  await net.stop();
});
