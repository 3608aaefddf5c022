import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Store, Write } from "#node/interface/store.ts";
import { compareBytes } from "#protocol/types/codec.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

async function collect(
  entries: AsyncIterable<[Uint8Array, Uint8Array]>,
): Promise<[Uint8Array, Uint8Array][]> {
  const out: [Uint8Array, Uint8Array][] = [];
  for await (const [key, value] of entries) out.push([new Uint8Array(key), new Uint8Array(value)]);
  return out;
}

/** What every implementation of `Store` must do. `open` gives an empty one. */
export function storeConformance(
  name: string,
  open: () => Promise<{ store: Store; close: () => Promise<void> }>,
): void {
  async function withStore(body: (store: Store) => Promise<void>): Promise<void> {
    const { store, close } = await open();
    try {
      await body(store);
    } finally {
      await close();
    }
  }

  test(`${name}: a written value is read back as equal bytes, a missing one is undefined`, () =>
    withStore(async (store) => {
      await store.write([{ namespace: "state", key: bytes(1), value: bytes(9, 9) }]);
      assert.deepEqual(new Uint8Array((await store.get("state", bytes(1))) ?? []), bytes(9, 9));
      assert.equal(await store.get("state", bytes(2)), undefined);
    }));

  test(`${name}: an empty key and an empty value are stored`, () =>
    withStore(async (store) => {
      await store.write([{ namespace: "meta", key: bytes(), value: bytes() }]);
      assert.equal((await store.get("meta", bytes()))?.length, 0);
      assert.deepEqual(await collect(store.iterate("meta")), [[bytes(), bytes()]]);
    }));

  test(`${name}: namespaces do not see each other`, () =>
    withStore(async (store) => {
      await store.write([
        { namespace: "protection", key: bytes(1), value: bytes(1) },
        { namespace: "consensus", key: bytes(1), value: bytes(2) },
        { namespace: "batch", key: bytes(255, 255), value: bytes(3) },
      ]);
      assert.deepEqual(await collect(store.iterate("protection")), [[bytes(1), bytes(1)]]);
      assert.deepEqual(await collect(store.iterate("consensus")), [[bytes(1), bytes(2)]]);
      assert.deepEqual(await collect(store.iterate("batch")), [[bytes(255, 255), bytes(3)]]);
      assert.deepEqual(await collect(store.iterate("state")), []);
    }));

  test(`${name}: later writes of one batch win, and a delete removes`, () =>
    withStore(async (store) => {
      await store.write([
        { namespace: "block", key: bytes(1), value: bytes(1) },
        { namespace: "block", key: bytes(1), value: bytes(2) },
        { namespace: "block", key: bytes(2), value: bytes(3) },
        { namespace: "block", key: bytes(2), value: null },
      ]);
      assert.deepEqual(await collect(store.iterate("block")), [[bytes(1), bytes(2)]]);
    }));

  test(`${name}: writes that are not awaited apply in the order of the calls`, () =>
    withStore(async (store) => {
      const writes: Promise<void>[] = [];
      for (let i = 0; i < 100; i++) {
        const batch: Write[] = [{ namespace: "meta", key: bytes(1), value: bytes(i) }];
        if (i % 3 === 0) batch.push({ namespace: "protection", key: bytes(1), value: bytes(i) });
        writes.push(store.write(batch));
      }
      await Promise.all(writes);
      assert.equal((await store.get("meta", bytes(1)))?.[0], 99);
      assert.equal((await store.get("protection", bytes(1)))?.[0], 99);
    }));

  test(`${name}: the caller may reuse its buffers after the write, and change what it read`, () =>
    withStore(async (store) => {
      const value = bytes(1, 2);
      await store.write([{ namespace: "state", key: bytes(1), value }]);
      value[0] = 7;
      const read = await store.get("state", bytes(1));
      assert.equal(read?.[0], 1);
      if (read) read[0] = 8;
      assert.equal((await store.get("state", bytes(1)))?.[0], 1);
    }));

  test(`${name}: ranges are half-open, sorted as bytes, reversible and limited`, () =>
    fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.uint8Array({ maxLength: 3 }), { selector: (key) => key.join(), maxLength: 20 }),
        fc.option(fc.uint8Array({ maxLength: 2 }), { nil: undefined }),
        fc.option(fc.uint8Array({ maxLength: 2 }), { nil: undefined }),
        fc.boolean(),
        fc.option(fc.nat(5), { nil: undefined }),
        (keys, gte, lt, reverse, limit) =>
          withStore(async (store) => {
            await store.write(keys.map((key): Write => ({ namespace: "state", key, value: key })));
            let expected = keys
              .filter((key) => (!gte || compareBytes(key, gte) >= 0) && (!lt || compareBytes(key, lt) < 0))
              .sort(compareBytes);
            if (reverse) expected.reverse();
            if (limit !== undefined) expected = expected.slice(0, limit);
            const range = {
              ...(gte && { gte }),
              ...(lt && { lt }),
              reverse,
              ...(limit !== undefined && { limit }),
            };
            const got = await collect(store.iterate("state", range));
            assert.deepEqual(
              got.map(([key]) => [...key]),
              expected.map((key) => [...key]),
            );
          }),
      ),
      { numRuns: 30 },
    ));

  test(`${name}: an iteration that is left early ends`, () =>
    withStore(async (store) => {
      await store.write([1, 2, 3].map((i): Write => ({ namespace: "l2", key: bytes(i), value: bytes(i) })));
      for await (const [key] of store.iterate("l2")) {
        assert.equal(key[0], 1);
        break;
      }
      await store.write([{ namespace: "l2", key: bytes(4), value: bytes(4) }]);
      assert.equal((await collect(store.iterate("l2"))).length, 4);
    }));
}
