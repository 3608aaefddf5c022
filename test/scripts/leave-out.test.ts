import assert from "node:assert/strict";
import { test } from "node:test";
import { leaveOut } from "#scripts/leave-out.ts";

test("files are in unless they are named, and a name that is none of them is an error", () => {
  const files = ["test/a.test.ts", "test/b/a.test.ts", "test/c.test.ts"];
  assert.deepEqual(leaveOut(files, []), files);
  assert.deepEqual(leaveOut(files, ["test/a.test.ts"]), ["test/b/a.test.ts", "test/c.test.ts"]);
  assert.throws(
    () => leaveOut(files, ["test/a.test.ts", "test/gone.test.ts"]),
    /no such test file: test\/gone/,
  );
});
