import assert from "node:assert/strict";
import { test } from "node:test";
import type { Store } from "#node/interface/store.ts";
import { failStop } from "#node/store/fail-stop.ts";
import { FlkError, isFlkError } from "#protocol/errors/error.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { storeConformance } from "../support/store-conformance.ts";

const KEY = Uint8Array.of(1);
const WRITE = [{ namespace: "meta" as const, key: KEY, value: KEY }];
const broken = new FlkError("ERR_STORE", "broken");

storeConformance("fail-stop", async () => ({
  store: failStop(new MemoryStore(), (error) => assert.fail(String(error))),
  close: async () => undefined,
}));

function flaky(): { store: Store; inner: MemoryStore; failures: unknown[]; breakNow(): void } {
  const inner = new MemoryStore();
  let breaks = false;
  const maybe = <T>(value: T): T => {
    if (!breaks) return value;
    breaks = false;
    throw broken;
  };
  const failures: unknown[] = [];
  const store = failStop(
    {
      get: async (...args) => maybe(await inner.get(...args)),
      write: async (batch) => maybe(await inner.write(batch)),
      async *iterate(...args) {
        for await (const entry of inner.iterate(...args)) yield maybe(entry);
      },
    },
    (error) => failures.push(error),
  );
  return {
    ...{ store, inner, failures },
    breakNow: () => {
      breaks = true;
    },
  };
}

const uses: [name: string, use: (store: Store) => Promise<unknown>][] = [
  ["get", (store) => store.get("meta", KEY)],
  ["write", (store) => store.write(WRITE)],
  ["iterate", (store) => Array.fromAsync(store.iterate("meta"))],
];

for (const [name, use] of uses) {
  test(`a ${name} that fails is told once, to its caller and to the node, and nothing is written after it`, async () => {
    const { store, inner, failures, breakNow } = flaky();
    await store.write(WRITE);
    breakNow();
    await assert.rejects(use(store), (error) => error === broken);
    assert.deepEqual(failures, [broken]);
    const later = [{ namespace: "meta" as const, key: Uint8Array.of(2), value: KEY }];
    await assert.rejects(store.write(later), (error) => isFlkError(error, "ERR_STORE"));
    assert.equal(await inner.get("meta", Uint8Array.of(2)), undefined);
    breakNow();
    await assert.rejects(store.get("meta", KEY));
    assert.deepEqual(failures, [broken]);
  });
}
