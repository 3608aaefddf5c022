import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { blake3 } from "#crypto";
import { createContentStore } from "#node/edge/content-store.ts";
import type { ContentStore } from "#node/edge/content-types.ts";
import { isFlkError } from "#protocol/errors/error.ts";

let dir: string;
let store: ContentStore;
before(async () => {
  dir = await mkdtemp(join(tmpdir(), "flk-content-"));
  store = await createContentStore({ dir: join(dir, "store") });
});
after(() => rm(dir, { recursive: true, force: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
async function* parts(...texts: string[]) {
  for (const text of texts) yield bytes(text);
}
const code = (expected: string) => (error: unknown) => isFlkError(error, expected);

test("a content is found by its BLAKE3 hash, whole and in ranges", async () => {
  const { hash, size } = await store.put(parts("hello ", "world"));
  assert.deepEqual(hash, blake3(bytes("hello world")));
  assert.equal(size, 11);
  assert.ok(await store.has(hash));
  const content = await store.open(hash, { start: 6 });
  assert.deepEqual([content.size, content.start, content.end], [11, 6, 11]);
  assert.deepEqual(await content.read(6, 5), bytes("world"));
  await content.close();
  await assert.rejects(store.open(hash, { start: 11 }), code("ERR_RANGE"));
  await assert.rejects(store.open(new Uint8Array(32)), code("ERR_CONTENT_NOT_FOUND"));
  assert.ok((await store.list()).some((c) => c.size === 11));
});

test("a folder is imported with its subfolders, links left out", async () => {
  const folder = join(dir, "site");
  await mkdir(join(folder, "sub"), { recursive: true });
  await writeFile(join(folder, "b.txt"), "b");
  await writeFile(join(folder, "sub", "a.txt"), "a");
  await symlink(join(folder, "b.txt"), join(folder, "link"));
  const files = await store.importFolder(folder);
  assert.deepEqual(
    files.map((f) => [f.path, f.size]),
    [
      ["b.txt", 1],
      ["sub/a.txt", 1],
    ],
  );
});

test("a folder that does not exist, or that holds nothing, is refused with its own code and its name", async () => {
  const empty = join(dir, "empty");
  await mkdir(empty);
  await assert.rejects(
    store.importFolder(empty),
    (e) => isFlkError(e, "ERR_CONTENT_EMPTY") && e.message.includes(empty),
  );
  const missing = join(dir, "missing");
  await assert.rejects(
    store.importFolder(missing),
    (e) => isFlkError(e, "ERR_CONTENT_MISSING") && e.message.includes(missing),
  );
  await assert.rejects(store.importFolder(join(dir, "site", "b.txt")), code("ERR_CONTENT_MISSING"));
});

test("a content that changed on disk is not served after a restart, and is moved aside", async () => {
  const { hash } = await store.put(parts("precious"));
  const name = Buffer.from(hash).toString("hex");
  await writeFile(join(dir, "store", "blobs", name.slice(0, 2), name), "tampered");
  const again = await createContentStore({ dir: join(dir, "store") });
  await assert.rejects(again.open(hash), code("ERR_CONTENT_CORRUPT"));
  assert.equal(await again.has(hash), false);
  await again.put(parts("precious"));
  await (await again.open(hash)).close();
});

test("an interrupted put leaves nothing behind", async () => {
  const failing = (async function* () {
    yield bytes("half");
    throw new Error("source broke");
  })();
  await assert.rejects(store.put(failing), (e) => isFlkError(e, "ERR_CONTENT_STORE"));
  assert.deepEqual(await readdir(join(dir, "store", "tmp")), []);
});

test("a store that is opened beside another leaves alone what that one is writing", async () => {
  let opened: ContentStore | undefined;
  const source = (async function* () {
    yield bytes("first half, ");
    opened = await createContentStore({ dir: join(dir, "store") });
    yield bytes("second half");
  })();
  const { hash } = await store.put(source);
  assert.ok(await opened?.has(hash));
  await Promise.all([1, 2, 3, 4].map(() => store.put(parts("the same content at once"))));
  assert.deepEqual(await readdir(join(dir, "store", "tmp")), []);
});

test("what a crash left is removed once it is old", async () => {
  const temp = join(dir, "store", "tmp");
  await writeFile(join(temp, "old"), "half");
  await writeFile(join(temp, "new"), "half");
  const longAgo = new Date(Date.now() - 2 * 3_600_000);
  await utimes(join(temp, "old"), longAgo, longAgo);
  await createContentStore({ dir: join(dir, "store") });
  assert.deepEqual(await readdir(temp), ["new"]);
  await rm(join(temp, "new"));
});

test("a disk that refuses is ERR_CONTENT_STORE, whether it does so at the start or at the end", async () => {
  const file = join(dir, "a-file");
  await writeFile(file, "");
  await assert.rejects(createContentStore({ dir: file }), code("ERR_CONTENT_STORE"));
  const blocked = await createContentStore({ dir: join(dir, "blocked") });
  const name = Buffer.from(blake3(bytes("blocked"))).toString("hex");
  await writeFile(join(dir, "blocked", "blobs", name.slice(0, 2)), "in the way");
  await assert.rejects(blocked.put(parts("blocked")), code("ERR_CONTENT_STORE"));
  assert.deepEqual(await readdir(join(dir, "blocked", "tmp")), []);
  assert.ok((await stat(file)).isFile());
});
