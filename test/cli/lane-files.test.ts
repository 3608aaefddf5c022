import assert from "node:assert/strict";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileLaneStore } from "#cli/actions/lane-files.ts";

test("what was signed is in the folder after a loss of power: file and folder are synced before it leaves", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "flk-lanes-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const handle = await open(dir);
  const proto = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const synced: string[] = [];
  const real = proto.sync;
  t.mock.method(proto, "sync", async function (this: FileHandle) {
    synced.push((await this.stat()).isDirectory() ? "folder" : "file");
    return real.call(this);
  });
  const store = await fileLaneStore(join(dir, "lanes"));
  const state = { epoch: 1, signed: "0x01" as const, deliveries: [] };
  await store.save("a lane", state);
  assert.deepEqual(synced.slice(-2), ["file", "folder"]);
  assert.deepEqual(await store.load("a lane"), state);
});
