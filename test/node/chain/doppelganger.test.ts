import assert from "node:assert/strict";
import { test } from "node:test";
import { MESSAGE_TAG } from "#node/chain/sync/wire.ts";
import { TAG } from "#node/consensus/wire.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { decode } from "#protocol/types/codec.ts";
import { Certificate, SignedHeader } from "#protocol/types/consensus.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";
import { seedOf } from "#test/node/transition/support/keys.ts";
import { TestNet, type TestNode } from "./support/net.ts";
import { SignedLog, signedRecords } from "./support/signed-log.ts";

const WINDOW = 3_000;
const VICTIM = 2;

async function started(ms: number, nodes = 5): Promise<{ net: TestNet; log: SignedLog }> {
  const net = new TestNet({ narwhal: true, nodes });
  const log = new SignedLog(net.hub);
  await net.startAll(Array.from({ length: nodes }, (_, i) => i + 1));
  await net.clock.advance(ms);
  return { net, log };
}

const isStopped = (node: TestNode) => () => node.fatal.length > 0;

async function stopCopy(net: TestNet, node: TestNode): Promise<void> {
  const stopping = node.chain.stop();
  await net.clock.advance(1_000);
  await stopping;
}

test("a second copy with the newest records hears the first one and stops before it has signed anything", async () => {
  const { net, log } = await started(4_000);
  net.doppelganger = { windowMs: WINDOW };
  const disk = net.node(VICTIM).store.inner.clone();
  const before = await signedRecords(disk);
  const copy = await net.startCopy(VICTIM, disk);
  await net.until("the copy stops", isStopped(copy), WINDOW);
  assert.deepEqual(copy.fatal.map(errorCode), ["ERR_DOPPELGANGER"]);
  await net.clock.advance(2_000);
  assert.deepEqual(await signedRecords(disk), before);
  assert.deepEqual(net.node(VICTIM).fatal, []);
  assert.deepEqual(log.conflicts, []);
  await stopCopy(net, copy);
  await net.stop();
});

test("of two copies that sign, the one that hears the other first stops; the other can go on alone", async () => {
  const { net } = await started(4_000);
  const copy = await net.startCopy(VICTIM, net.node(VICTIM).store.inner.clone());
  await net.until("the copy stops", isStopped(copy));
  await net.clock.advance(5_000);
  assert.deepEqual(copy.fatal.map(errorCode), ["ERR_DOPPELGANGER"]);
  assert.deepEqual(net.node(VICTIM).fatal, []);
  await stopCopy(net, copy);
  await net.stop();
});

test("a node from an old backup learns from its peers what it has signed since, and refuses", async () => {
  const { net, log } = await started(2_000);
  const backup = net.node(VICTIM).store.inner.clone();
  await net.clock.advance(3_000);
  await net.crash(VICTIM);
  await net.clock.advance(500);
  net.doppelganger = { windowMs: WINDOW };
  const before = await signedRecords(backup);
  const node = await net.start(VICTIM, backup);
  await net.until("it refuses", isStopped(node), 2 * WINDOW);
  assert.deepEqual(node.fatal.map(errorCode), ["ERR_DOPPELGANGER"]);
  await net.clock.advance(2_000);
  assert.deepEqual(await signedRecords(backup), before);
  assert.deepEqual(log.conflicts, []);
  await net.stop();
});

test("a node that lost data and records finds its signatures in the blocks that it follows, and refuses", async () => {
  const { net } = await started(0);
  await net.epochs(1);
  await net.clock.advance(2_000);
  await net.crash(VICTIM);
  const store = new MemoryStore();
  net.doppelganger = { windowMs: WINDOW };
  const node = await net.start(VICTIM, store);
  await net.until("it refuses", isStopped(node));
  assert.deepEqual(node.fatal.map(errorCode), ["ERR_DOPPELGANGER"]);
  assert.deepEqual(await signedRecords(store), []);
  await net.stop();
});

test("data that is newer than the records is found at the start", async () => {
  const { net } = await started(2_000);
  const early = net.node(VICTIM).store.inner.clone();
  await net.clock.advance(2_000);
  const disk = await net.crash(VICTIM);
  const mixed = disk.clone();
  for await (const [key] of disk.iterate("protection"))
    await mixed.write([{ namespace: "protection", key, value: null }]);
  for await (const [key, value] of early.iterate("protection"))
    await mixed.write([{ namespace: "protection", key, value }]);
  const node = await net.start(VICTIM, mixed);
  await net.clock.advance(100);
  assert.deepEqual(node.fatal.map(errorCode), ["ERR_DOPPELGANGER"]);
  await net.stop();
});

test("a whole network that listens begins after the window, goes on over epochs, and comes back after a power cut", async () => {
  const net = new TestNet({ narwhal: true, nodes: 4 });
  const log = new SignedLog(net.hub);
  net.doppelganger = { windowMs: WINDOW };
  await net.startAll([1, 2, 3, 4]);
  await net.clock.advance(WINDOW - 500);
  assert.deepEqual([...log.counts], []);
  await net.epochs(1);
  await net.clock.advance(4_000);
  const disks = new Map<number, MemoryStore>();
  for (const id of [1, 2, 3, 4]) disks.set(id, await net.crash(id));
  for (const [id, disk] of disks) await net.start(id, disk);
  await net.epochs(3);
  for (const node of net.nodes.values()) assert.deepEqual(node.fatal, []);
  assert.deepEqual(log.conflicts, []);
  await net.stop();
});

test("an epoch that closes while a member listens is settled with its share, which it gives afterwards", async () => {
  const { net, log } = await started(5_000, 4);
  const isShare = (message: Uint8Array) => message[0] === MESSAGE_TAG.settlementShare;
  const watch = (id: number, passes: (message: Uint8Array, to: number) => boolean) => {
    const { network } = net.node(id);
    const send = network.send.bind(network);
    network.send = (to, channel, message) =>
      channel !== "consensus" || passes(message, to) ? send(to, channel, message) : true;
  };
  // node 4 gives and gets no share: the other two are no quorum without ours
  watch(4, (message) => !isShare(message));
  for (const id of [1, 3]) watch(id, (message, to) => !isShare(message) || to !== 4);
  net.doppelganger = { windowMs: 3 * WINDOW };
  const disk = await net.crash(VICTIM);
  await net.start(VICTIM, disk);
  let shares = 0;
  watch(VICTIM, (message, to) => {
    if (isShare(message)) shares++;
    return !isShare(message) || to !== 4;
  });
  const records = async () => (await signedRecords(disk)).filter((key) => key.startsWith("0x04"));
  await net.epochs(1);
  assert.deepEqual(await records(), []);
  await net.until("it gives its share", async () => (await records()).length > 0 && shares > 0, 4 * WINDOW);
  assert.equal((await records())[0], `0x04${"00".repeat(16)}`);
  await net.epochs(2);
  for (const node of net.nodes.values()) assert.deepEqual(node.fatal, []);
  assert.deepEqual(log.conflicts, []);
  await net.stop();
});

test("a node that comes back at once to the same place goes on without listening; later, or elsewhere, it listens", async () => {
  const { net, log } = await started(0, 4);
  const place = seedOf("here");
  const resume = async (waitMs: number, at: Uint8Array) => {
    const disk = await net.crash(VICTIM);
    await net.clock.advance(waitMs);
    net.doppelganger = { windowMs: WINDOW, place: at };
    const node = await net.start(VICTIM, disk);
    const before = log.counts.get(VICTIM) ?? 0;
    await net.clock.advance(1_000);
    const resumed = (log.counts.get(VICTIM) ?? 0) > before;
    await net.clock.advance(2 * WINDOW);
    assert.ok((log.counts.get(VICTIM) ?? 0) > before, "it signs again");
    assert.deepEqual(node.fatal, []);
    return resumed;
  };
  assert.equal(await resume(100, place), false, "nothing says where it ran before");
  assert.equal(await resume(200, place), true);
  assert.equal(await resume(WINDOW, place), false);
  assert.equal(await resume(200, seedOf("elsewhere")), false);
  await net.stop();
});

test("nobody else can make a node stop: forged headers and certificates in its name prove nothing", async () => {
  const { net } = await started(0, 4);
  let certificate: Certificate | undefined;
  let header: SignedHeader | undefined;
  net.hub.observe = (from, _to, _channel, message) => {
    if (from !== VICTIM) return;
    if (message[0] === TAG.certificate) certificate = decode(Certificate, message.subarray(1));
    if (message[0] === TAG.header) header = decode(SignedHeader, message.subarray(1));
  };
  await net.clock.advance(2_000);
  assert.ok(certificate && header);
  certificate.header.header.round += 10;
  header.header.round += 10;
  const { network } = net.node(3);
  network.send(VICTIM, "consensus", Uint8Array.of(TAG.certificate, ...Certificate.serialize(certificate)));
  network.send(VICTIM, "consensus", Uint8Array.of(TAG.header, ...SignedHeader.serialize(header)));
  await net.clock.advance(2_000);
  assert.deepEqual(net.node(VICTIM).fatal, []);
  await net.stop();
});

test("one header of ours that we did not make, from whomever, stops us", async () => {
  const { net } = await started(2_000, 4);
  const copyDisk = net.node(VICTIM).store.inner.clone();
  let made: Uint8Array | undefined;
  const copy = await net.startCopy(VICTIM, copyDisk);
  const send = copy.network.send.bind(copy.network);
  copy.network.send = (to, channel, message) => {
    if (message[0] !== TAG.header) return true;
    const { round } = decode(SignedHeader, message.subarray(1)).header;
    if (round > net.node(VICTIM).chain.head().blocks) made = message;
    return to === 0 && send(to, channel, message);
  };
  await net.until("the copy makes a header", () => made !== undefined);
  net.node(3).network.send(VICTIM, "consensus", made ?? assert.fail());
  await net.until("the first stops", isStopped(net.node(VICTIM)));
  assert.deepEqual(net.node(VICTIM).fatal.map(errorCode), ["ERR_DOPPELGANGER"]);
  await stopCopy(net, copy);
  await net.stop();
});
