import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { corruptSome } from "#cli/node/corrupt.ts";
import { contentSamples } from "#cli/node/samples.ts";
import { createContentStore } from "#node/edge/content-store.ts";
import { systemClock } from "#node/network/system-clock.ts";

async function* bytes(...values: number[]): AsyncGenerator<Uint8Array> {
  yield Uint8Array.from(values);
}

test("samples are of what is held, cut at its end; a spoiling store spoils the part that it is told to", async () => {
  const dir = await mkdtemp(join(tmpdir(), "flk-samples-"));
  try {
    const store = await createContentStore({ dir });
    const samples = contentSamples(store, systemClock);
    assert.equal(await samples.pick(() => 0.5), undefined);
    const { hash } = await store.put(bytes(1, 2, 3, 4, 5));
    const fresh = contentSamples(store, systemClock);
    assert.deepEqual((await fresh.pick(() => 0.99))?.hash, hash);
    assert.deepEqual(await samples.read(hash, 3, 10), Uint8Array.of(4, 5));
    assert.equal(await samples.read(hash, 5, 10), undefined);
    assert.equal(await samples.read(new Uint8Array(32), 0, 10), undefined);
    let next = 0;
    const spoiled = contentSamples(
      corruptSome(store, 20, () => next),
      systemClock,
    );
    next = 0.19;
    assert.deepEqual(await spoiled.read(hash, 3, 2), Uint8Array.of(5, 5));
    next = 0.2;
    assert.deepEqual(await spoiled.read(hash, 3, 2), Uint8Array.of(4, 5));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
