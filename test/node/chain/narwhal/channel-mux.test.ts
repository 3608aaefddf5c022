import assert from "node:assert/strict";
import { test } from "node:test";
import { channelMux } from "#node/chain/channel-mux.ts";
import { createMessageMux } from "#node/chain/message-mux.ts";
import { createSyncMux } from "#node/chain/sync-mux.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { FakeHub } from "#test/node/chain/support/fake-network.ts";
import { VirtualClock } from "#test/node/chain/support/virtual-clock.ts";

function pair() {
  const clock = new VirtualClock(0);
  const hub = new FakeHub(clock);
  return { clock, a: hub.join(1), b: hub.join(2) };
}

test("messages and requests go to whoever holds their tag, without the tag", async () => {
  const { clock, a, b } = pair();
  const seen: [string, number, number, number[]][] = [];
  const mux = createMessageMux(b);
  mux.on(0x00, 0x3f, { onMessage: (from, tag, bytes) => void seen.push(["low", from, tag, [...bytes]]) });
  mux.on(0x40, 0xff, { onMessage: (from, tag, bytes) => void seen.push(["high", from, tag, [...bytes]]) });
  createMessageMux(a).send(2, 0x01, Uint8Array.of(5));
  createMessageMux(a).send(2, 0x40, Uint8Array.of(6));
  createSyncMux(b).on(0x80, 0xff, {
    onRequest: async (from, tag, bytes) => Uint8Array.of(from, tag, ...bytes),
  });
  const answer = createSyncMux(a).request(2, 0x80, Uint8Array.of(9), { timeoutMs: 1000 });
  await clock.advance(50);
  assert.deepEqual(seen, [
    ["low", 1, 0x01, [5]],
    ["high", 1, 0x40, [6]],
  ]);
  assert.deepEqual(await answer, Uint8Array.of(1, 0x80, 9));
});

test("a tag has one holder, and is free again when given back", () => {
  const { a } = pair();
  const mux = channelMux(a, "sync");
  assert.equal(channelMux(a, "sync"), mux);
  const release = mux.on(0x80, 0xff, {});
  assert.throws(
    () => mux.on(0x90, 0x90, {}),
    (error) => isFlkError(error, "ERR_TAG_TAKEN"),
  );
  release();
  mux.on(0x90, 0x90, {});
});

test("messages of tags that nobody holds are counted, requests are refused", async () => {
  const { clock, a, b } = pair();
  const mux = createMessageMux(b);
  a.send(2, "consensus", Uint8Array.of(7));
  a.send(2, "consensus", new Uint8Array());
  const refused = assert.rejects(createMessageMux(a).request(2, 7, new Uint8Array(), { timeoutMs: 100 }));
  await clock.advance(50);
  await refused;
  assert.equal(mux.unhandled(), 2);
});

test("what goes to many, and what follows it with another tag or other bytes, arrives as it was sent", async () => {
  const { clock, a, b } = pair();
  const seen: [number, number[]][] = [];
  createMessageMux(b).on(0x00, 0xff, { onMessage: (_, tag, bytes) => void seen.push([tag, [...bytes]]) });
  const mux = createMessageMux(a);
  const bytes = Uint8Array.of(5, 6);
  for (const [tag, message] of [
    [1, bytes],
    [1, bytes],
    [2, bytes],
    [2, Uint8Array.of(5, 7)],
    [1, bytes],
  ] as const)
    mux.send(2, tag, message);
  await clock.advance(50);
  assert.deepEqual(seen, [
    [1, [5, 6]],
    [1, [5, 6]],
    [2, [5, 6]],
    [2, [5, 7]],
    [1, [5, 6]],
  ]);
});
