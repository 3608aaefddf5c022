import assert from "node:assert/strict";
import { test } from "node:test";
import { EffectPump } from "#node/chain/narwhal/effect-pump.ts";
import type { Namespace, Write } from "#node/interface/store.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";

function write(namespace: Namespace, name: number): Write {
  return { namespace, key: Uint8Array.of(name), value: Uint8Array.of(name) };
}

test("certificates are on disk before a header or vote that builds on them is recorded, and all of it before anything leaves", async () => {
  const done: string[] = [];
  const store = new MemoryStore();
  const keep = store.write.bind(store);
  store.write = async (batch) => {
    await keep(batch);
    done.push(batch.map(({ namespace }) => namespace).join());
  };
  const pump = new EffectPump(
    store,
    ({ type }) => void done.push(type),
    (error) => assert.fail(String(error)),
  );
  pump.push([
    { type: "persist", writes: [write("protection", 1)] },
    { type: "persist", writes: [write("consensus", 2)] },
    { type: "persist", writes: [write("protection", 3)] },
    { type: "needCertificates", from: undefined },
  ]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(done, ["consensus", "protection,protection", "needCertificates"]);
});
