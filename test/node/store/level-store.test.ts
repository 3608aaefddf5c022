import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { GroupCommit } from "#node/store/group-commit.ts";
import { openStore } from "#node/store/level-store.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { storeConformance } from "../support/store-conformance.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

async function inTempDir(body: (folders: { dataDir: string; protectionDir: string }) => Promise<void>) {
  const dir = await mkdtemp(join(tmpdir(), "flk-store-"));
  try {
    await body({ dataDir: join(dir, "data"), protectionDir: join(dir, "protection") });
  } finally {
    await rm(dir, { recursive: true });
  }
}

storeConformance("LevelDB", async () => {
  const dir = await mkdtemp(join(tmpdir(), "flk-store-"));
  const store = await openStore({ dataDir: join(dir, "data"), protectionDir: join(dir, "protection") });
  const close = async () => {
    await store.stop();
    await rm(dir, { recursive: true });
  };
  return { store, close };
});

test("what was written is there after the store is opened again, each part in its own folder", () =>
  inTempDir(async ({ dataDir, protectionDir }) => {
    const first = await openStore({ dataDir, protectionDir });
    await first.write([
      { namespace: "protection", key: bytes(1), value: bytes(1) },
      { namespace: "block", key: bytes(2), value: bytes(2) },
    ]);
    await first.stop();
    await first.stop();
    await rm(dataDir, { recursive: true });
    const second = await openStore({ dataDir, protectionDir });
    assert.equal((await second.get("protection", bytes(1)))?.[0], 1);
    assert.equal(await second.get("block", bytes(2)), undefined);
    await second.stop();
  }));

test("a second store on the same folder is refused with ERR_STORE_LOCKED naming the folder", () =>
  inTempDir(async ({ dataDir, protectionDir }) => {
    const store = await openStore({ dataDir, protectionDir });
    await assert.rejects(openStore({ dataDir, protectionDir }), (error) => {
      assert.ok(isFlkError(error, "ERR_STORE_LOCKED"));
      assert.equal(error.data.folder, dataDir);
      assert.ok(error.message.includes(dataDir));
      return true;
    });
    await assert.rejects(openStore({ dataDir: `${dataDir}-2`, protectionDir }), (error) => {
      assert.ok(isFlkError(error, "ERR_STORE_LOCKED"));
      assert.equal(error.data.folder, protectionDir);
      return true;
    });
    await store.stop();
    const again = await openStore({ dataDir: `${dataDir}-2`, protectionDir });
    await again.stop();
  }));

test("a stopped store rejects reads, writes and iterations with ERR_STORE", () =>
  inTempDir(async (folders) => {
    const store = await openStore(folders);
    const write = store.write([{ namespace: "meta", key: bytes(1), value: bytes(1) }]);
    await store.stop();
    await write;
    await assert.rejects(store.get("meta", bytes(1)), { code: "ERR_STORE" });
    await assert.rejects(store.write([{ namespace: "meta", key: bytes(1), value: null }]), {
      code: "ERR_STORE",
    });
    await assert.rejects(
      async () => {
        for await (const _ of store.iterate("meta"));
      },
      { code: "ERR_STORE" },
    );
  }));

test("writes that arrive during a commit share the next one, and none follows a failure", async () => {
  const commits: number[][] = [];
  let fail = false;
  const group = new GroupCommit<number>(async (items) => {
    await new Promise((resolve) => setImmediate(resolve));
    if (fail) throw new Error("disk full");
    commits.push(items);
  });
  await Promise.all([group.write([1]), group.write([2]), group.write([3, 4])]);
  assert.deepEqual(commits, [[1], [2, 3, 4]]);
  fail = true;
  await assert.rejects(group.write([5]), { code: "ERR_STORE" });
  fail = false;
  await assert.rejects(group.write([6]), { code: "ERR_STORE" });
  assert.equal(commits.length, 2);
});

test("a database that cannot be opened says why", () =>
  inTempDir(async ({ dataDir, protectionDir }) => {
    await writeFile(dataDir, "");
    await assert.rejects(openStore({ dataDir, protectionDir }), {
      code: "ERR_STORE",
      message: /^cannot open the database in \S+: E[A-Z]+: /,
    });
  }));
