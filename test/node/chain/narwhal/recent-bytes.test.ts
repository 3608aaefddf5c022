import assert from "node:assert/strict";
import { test } from "node:test";
import { RecentBytes } from "#node/chain/narwhal/recent-bytes.ts";

test("the newest are kept up to the limit in bytes, and what is replaced or deleted frees its room", () => {
  const recent = new RecentBytes(10);
  const kept = () => ["a", "b", "c", "d"].filter((key) => recent.get(key));
  for (const key of ["a", "b"]) recent.put(key, new Uint8Array(5));
  assert.deepEqual(kept(), ["a", "b"]);
  recent.put("c", new Uint8Array(1));
  assert.deepEqual(kept(), ["b", "c"]);
  recent.put("b", new Uint8Array(9));
  assert.deepEqual(kept(), ["b", "c"]);
  recent.delete("b");
  recent.delete("b");
  recent.put("d", new Uint8Array(9));
  assert.deepEqual(kept(), ["c", "d"]);
  recent.put("a", new Uint8Array(11));
  assert.deepEqual(kept(), []);
});
