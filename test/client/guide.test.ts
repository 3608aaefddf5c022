import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import * as client from "#client/index.ts";

const guide = await readFile(new URL("../../docs/guides/client.md", import.meta.url), "utf8");
const named = new Set([...guide.matchAll(/`([A-Za-z_0-9]+)`/g)].map(([, name]) => name as string));

test("the guide names every function and code of flk/client", () => {
  const missing = [...Object.keys(client), ...client.CLIENT_CODES].filter((name) => !named.has(name));
  assert.deepEqual(missing, []);
});

test("the guide's table of functions names none that does not exist", () => {
  const table = guide.slice(guide.indexOf("## All functions"), guide.indexOf("## Codes"));
  const functions = [...table.matchAll(/`([a-z]\w+)`/g)].map(([, name]) => name as string);
  const unknown = functions.filter((name) => !(name in client));
  assert.deepEqual(unknown, []);
});
