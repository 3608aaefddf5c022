import assert from "node:assert/strict";
import { test } from "node:test";
import { Doppelganger } from "#node/chain/protection/doppelganger.ts";
import { recordWrite } from "#node/chain/protection/records.ts";
import type { Store, Write } from "#node/interface/store.ts";
import { KIND } from "#protocol/digests/consensus.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";
import { silentLogger } from "#test/node/support/recording.ts";
import { seedOf } from "#test/node/transition/support/keys.ts";
import { TestNet } from "./support/net.ts";
import { SignedLog, signedRecords } from "./support/signed-log.ts";
import { VirtualClock } from "./support/virtual-clock.ts";

const WINDOW = 3_000;
const PLACE = seedOf("here");
const NODE = 2;

let slot = 0n;
const signature = (): Write =>
  recordWrite(KIND.header, 1, ++slot, { payloadHash: seedOf(`${slot}`), bytes: new Uint8Array(8) });

/** What a process left that signed just now. */
async function signedJustNow(clock: VirtualClock): Promise<MemoryStore> {
  const disk = new MemoryStore();
  const first = new Doppelganger(disk, clock, silentLogger, { windowMs: WINDOW, place: PLACE });
  first.clear();
  await first.store.write([signature()]);
  return disk;
}

async function restarted(disk: Store, clock: VirtualClock) {
  const guard = new Doppelganger(disk, clock, silentLogger, { windowMs: WINDOW, place: PLACE });
  const events = { cleared: 0, lapsed: 0 };
  await guard.load({ cleared: () => void events.cleared++, lapsed: () => void events.lapsed++ });
  return { guard, events };
}

test("a quick restart may sign until half a window after the last signature, and for good once it did", async () => {
  const clock = new VirtualClock(1_000_000);
  const disk = await signedJustNow(clock);
  await clock.advance(WINDOW / 4);
  const { guard, events } = await restarted(disk, clock);
  assert.equal(guard.cleared, true);
  await clock.advance(WINDOW / 4 - 1);
  await guard.store.write([signature()]);
  await clock.advance(10 * WINDOW);
  assert.equal(guard.cleared, true);
  assert.deepEqual(events, { cleared: 0, lapsed: 0 });
});

test("a quick restart that signs nothing until then has to listen, and writes no signature before", async () => {
  const clock = new VirtualClock(1_000_000);
  const disk = await signedJustNow(clock);
  const { guard, events } = await restarted(disk, clock);
  await clock.advance(WINDOW / 2);
  assert.equal(guard.cleared, false);
  assert.deepEqual(events, { cleared: 0, lapsed: 1 });
  await assert.rejects(guard.store.write([signature()]), { code: "ERR_SIGNING_STOPPED" });
  guard.clear();
  await guard.store.write([signature()]);
  assert.deepEqual(events, { cleared: 1, lapsed: 1 });
});

test("a first signature that reaches the disk too late does not leave", async () => {
  const clock = new VirtualClock(1_000_000);
  const disk = await signedJustNow(clock);
  const slow: Store = {
    get: (...args) => disk.get(...args),
    iterate: (...args) => disk.iterate(...args),
    write: async (batch) => {
      await clock.advance(WINDOW / 2);
      await disk.write(batch);
    },
  };
  const { guard } = await restarted(slow, clock);
  await assert.rejects(guard.store.write([signature()]), { code: "ERR_SIGNING_STOPPED" });
  assert.equal(guard.cleared, false);
});

test("a clock that is set back does not make the time for a quick restart longer", async () => {
  const clock = new VirtualClock(1_000_000);
  const disk = await signedJustNow(clock);
  const now = clock.now.bind(clock);
  let back = 0;
  clock.now = () => now() - back;
  const { guard } = await restarted(disk, clock);
  back = 60_000;
  await clock.advance(WINDOW / 2);
  assert.equal(guard.cleared, false);
});

/** A committee that has gone on for `ms`: all listen at first, so that nobody goes on. */
async function committeeAfter(ms: number): Promise<{ net: TestNet; log: SignedLog }> {
  const net = new TestNet({ narwhal: true, nodes: 4, parameters: { epochLengthMs: 60_000n } });
  const log = new SignedLog(net.hub);
  net.doppelganger = { windowMs: WINDOW, place: PLACE };
  await net.startAll([1, 2, 3, 4]);
  await net.clock.advance(4 * WINDOW + ms);
  return { net, log };
}

test("a quick restart that takes long listens, and hears the copy that began meanwhile", async () => {
  const { net, log } = await committeeAfter(1_100);
  const disk = await net.crash(NODE);
  const copyDisk = disk.clone();
  const before = await signedRecords(disk);
  const iterate = disk.iterate.bind(disk);
  disk.iterate = async function* (...args) {
    if (args[0] === "state") await new Promise<void>((resolve) => net.clock.after(8_000, resolve));
    yield* iterate(...args);
  };
  const starting = net.start(NODE, disk);
  await net.clock.advance(100);
  net.doppelganger = { windowMs: WINDOW, place: seedOf("elsewhere") };
  const copy = await net.startCopy(NODE, copyDisk);
  await net.clock.advance(10_500);
  await starting;
  assert.deepEqual(net.node(NODE).fatal.map(errorCode), ["ERR_DOPPELGANGER"]);
  assert.deepEqual(await signedRecords(disk), before);
  assert.deepEqual(copy.fatal, []);
  assert.deepEqual(log.conflicts, []);
  const stopping = copy.chain.stop();
  await net.clock.advance(1_000);
  await stopping;
  await net.stop();
});

test("a quick restart that finds nothing to sign listens, and takes part when its peers come back", async () => {
  const { net, log } = await committeeAfter(3_000);
  const disks = new Map<number, MemoryStore>();
  for (const id of [1, 2, 3, 4]) disks.set(id, await net.crash(id));
  await net.start(1, disks.get(1));
  await net.clock.advance(2 * WINDOW);
  for (const id of [2, 3, 4]) await net.start(id, disks.get(id));
  const before = net.node(1).chain.head().height;
  await net.until("they go on", () => net.node(1).chain.head().height > before + 3, 9 * WINDOW);
  for (const node of net.nodes.values()) assert.deepEqual(node.fatal, []);
  const { lines } = net.node(1).logger;
  assert.ok(lines.some(({ event }) => event.startsWith("nothing was signed in time")));
  assert.deepEqual(log.conflicts, []);
  await net.stop();
});

test("a block that was executed while nothing might be signed is attested to later: without that its epoch never ends", async () => {
  const { net, log } = await committeeAfter(2_000);
  const { reader } = net.node(1);
  const stuckAt = reader.finalized().number;
  reader.stuckAt = stuckAt;
  await net.until("a block needs what it has not", () => net.node(2).chain.head().l2Number > stuckAt);
  // for good, before it attests to the block: the other three have to
  await net.crash(4);
  await net.clock.advance(500);
  const disks = new Map<number, MemoryStore>();
  for (const id of [1, 2, 3]) disks.set(id, await net.crash(id));
  net.l2StuckAt = stuckAt;
  await net.start(1, disks.get(1));
  net.l2StuckAt = undefined;
  await net.clock.advance(WINDOW);
  const { lines } = net.node(1).logger;
  assert.ok(lines.some(({ event }) => event.startsWith("nothing was signed in time")));
  const { height } = net.node(1).chain.head();
  net.node(1).reader.stuckAt = undefined;
  await net.until("it executes", () => net.node(1).chain.head().height > height);
  for (const id of [2, 3]) await net.start(id, disks.get(id));
  await net.epochs(2);
  for (const node of net.nodes.values()) assert.deepEqual(node.fatal, []);
  assert.deepEqual(log.conflicts, []);
  await net.stop();
});
