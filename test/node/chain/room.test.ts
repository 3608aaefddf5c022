import assert from "node:assert/strict";
import { test } from "node:test";
import { EffectPump } from "#node/chain/narwhal/effect-pump.ts";
import { Room } from "#node/chain/support/room.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";

test("who brings more than fits waits until there is room, or until nothing is taken any more", async () => {
  const room = new Room(2);
  room.take(1);
  assert.equal(room.wait(), undefined);
  room.take(2);
  let passed = 0;
  void room.wait()?.then(() => passed++);
  void room.wait()?.then(() => passed++);
  room.free(1);
  await Promise.resolve();
  assert.equal(passed, 0);
  room.free(1);
  await Promise.resolve();
  assert.equal(passed, 2);
  room.take(5);
  const waiting = room.wait();
  room.open();
  await waiting;
  assert.equal(room.wait(), undefined);
});

test("the effects of consensus wait for a slow disk, and what comes then waits with its sender", async () => {
  const store = new MemoryStore();
  const slow = Promise.withResolvers<void>();
  const write = store.write.bind(store);
  store.write = async (batch) => {
    await slow.promise;
    await write(batch);
  };
  let performed = 0;
  const pump = new EffectPump(store, () => performed++, assert.ifError);
  const key = Uint8Array.of(1);
  const persist = { type: "persist" as const, writes: [{ namespace: "meta" as const, key, value: key }] };
  const refused = { type: "refused" as const, code: "ERR_X", from: 1 };
  for (let i = 0; i < 5_000; i++) pump.push([persist, refused]);
  const waiting = pump.room.wait();
  assert.ok(waiting);
  slow.resolve();
  await waiting;
  await pump.halt();
  assert.equal(performed, 5_000);
});
