import assert from "node:assert/strict";
import { test } from "node:test";
import { TAG } from "#node/consensus/wire.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { TestNet } from "./support/net.ts";
import { SignedLog, signedRecords } from "./support/signed-log.ts";

const NODE = 2;

async function running(epochMs: number) {
  const net = new TestNet({ narwhal: true, nodes: 4, parameters: { epochLengthMs: BigInt(epochMs) } });
  const log = new SignedLog(net.hub);
  await net.startAll([1, 2, 3, 4]);
  await net.clock.advance(2_000);
  return { net, log };
}

test("an epoch that ends takes nothing away from what was listened", async () => {
  const { net, log } = await running(10_000);
  net.doppelganger = { windowMs: 6_000 };
  await net.clock.advance(5_000);
  const disk = await net.crash(NODE);
  await net.start(NODE, disk);
  const before = new Set(await signedRecords(disk));
  await net.clock.advance(10_000);
  assert.equal(net.node(NODE).chain.head().epoch, 1);
  assert.ok((await signedRecords(disk)).some((key) => !before.has(key)));
  assert.deepEqual(net.node(NODE).fatal, []);
  assert.deepEqual(log.conflicts, []);
  await net.stop();
});

test("a copy that comes while the committee stands signs nothing, and hears the other once it goes on", async () => {
  const windowMs = 3_000;
  const { net, log } = await running(600_000);
  let stands = true;
  for (const { network } of net.nodes.values()) {
    const send = network.send.bind(network);
    network.send = (to, channel, message) =>
      stands && channel === "consensus" && message[0] === TAG.vote ? true : send(to, channel, message);
  }
  await net.clock.advance(2_000);
  net.doppelganger = { windowMs };
  const disk = net.node(NODE).store.inner.clone();
  const before = await signedRecords(disk);
  const copy = await net.startCopy(NODE, disk);
  await net.clock.advance(2 * windowMs);
  assert.deepEqual(copy.fatal, []);
  assert.deepEqual(await signedRecords(disk), before);
  stands = false;
  await net.until("the copy stops", () => copy.fatal.length > 0);
  assert.deepEqual(copy.fatal.map(errorCode), ["ERR_DOPPELGANGER"]);
  assert.deepEqual(await signedRecords(disk), before);
  assert.deepEqual(net.node(NODE).fatal, []);
  assert.deepEqual(log.conflicts, []);
  const stopping = copy.chain.stop();
  await net.clock.advance(1_000);
  await stopping;
  await net.stop();
});

test("a window that is longer than an epoch keeps the node from starting", async () => {
  const { net } = await running(6_000);
  net.doppelganger = { windowMs: 6_001 };
  const node = await net.start(NODE, await net.crash(NODE));
  assert.deepEqual(node.fatal.map(errorCode), ["ERR_DOPPELGANGER_WINDOW"]);
  await net.stop();
});

test("the window is time listened: a clock that is set forward shortens nothing", async () => {
  const { net } = await running(600_000);
  net.doppelganger = { windowMs: 6_000 };
  const disk = await net.crash(NODE);
  const { clock } = net;
  const now = clock.now.bind(clock);
  let ahead = 0;
  await net.start(NODE, disk);
  const before = await signedRecords(disk);
  await clock.advance(1_000);
  clock.now = () => now() + ahead;
  ahead = 500;
  for (let i = 0; i < 4; i++) {
    ahead += 900_000;
    await clock.advance(500);
  }
  assert.deepEqual(await signedRecords(disk), before);
  ahead = 0;
  await net.stop();
});
