import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createKeystore, openKeystore } from "#node/keys/keystore.ts";
import { nextKey, setNextKeyAside, takeNextKey } from "#node/keys/next-key.ts";

const PASSWORD = "correct horse";

test("a network key is in use only once it is taken, and no key is lost", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "flk-keys-"));
  t.after(() => rm(dir, { recursive: true }));
  const how = { dir, password: PASSWORD, kdf: "light" } as const;
  const made = await createKeystore(how);
  const inUse = async () => (await openKeystore(how)).network.publicKey;

  const next = await nextKey("network", how);
  assert.deepEqual(await inUse(), made.networkKey);
  assert.deepEqual((await nextKey("network", how)).publicKey, next.publicKey, "what was begun goes on");
  await assert.rejects(nextKey("network", { ...how, password: "wrong" }), { code: "ERR_KEYSTORE_PASSWORD" });
  await assert.rejects(nextKey("network", { ...how, password: "" }), { code: "ERR_KEYSTORE_PASSWORD" });
  await takeNextKey("network", dir);
  assert.deepEqual(await inUse(), next.publicKey);

  const third = await nextKey("network", how);
  await takeNextKey("network", dir);
  assert.deepEqual(await inUse(), third.publicKey);
  const files = (await readdir(dir)).filter((name) => name.startsWith("network"));
  assert.deepEqual(files.sort(), ["network-old-1.json", "network-old-2.json", "network.json"]);
  for (const name of files) assert.equal((await stat(join(dir, name))).mode & 0o777, 0o600);
  await assert.rejects(takeNextKey("network", dir), { code: "ERR_KEYSTORE_IO" });
  assert.deepEqual(await inUse(), third.publicKey);
});

test("a next key that is set aside is kept, and leaves the one in use where it is", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "flk-keys-"));
  t.after(() => rm(dir, { recursive: true }));
  const how = { dir, password: PASSWORD, kdf: "light" } as const;
  const made = await createKeystore(how);
  const next = await nextKey("network", how);
  const text = await readFile(join(dir, "network-next.json"), "utf8");
  await setNextKeyAside("network", dir);
  assert.deepEqual((await openKeystore(how)).network.publicKey, made.networkKey);
  assert.equal(await readFile(join(dir, "network-old-1.json"), "utf8"), text);
  assert.notDeepEqual((await nextKey("network", how)).publicKey, next.publicKey);
  const files = (await readdir(dir)).filter((name) => name.startsWith("network"));
  assert.deepEqual(files.sort(), ["network-next.json", "network-old-1.json", "network.json"]);
  await rm(join(dir, "network-next.json"));
  await assert.rejects(setNextKeyAside("network", dir), { code: "ERR_KEYSTORE_IO" });
});
