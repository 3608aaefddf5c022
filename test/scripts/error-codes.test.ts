import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { CHAIN_METHODS } from "#node/rpc/methods-chain.ts";
import { STATE_METHODS } from "#node/rpc/methods-state.ts";
import { ACK_CODES, RECEIPT_CODES } from "#protocol/errors/codes.ts";

const ROOT = new URL("../../", import.meta.url);
/** Whose codes leave to users, operators and programs. */
const SOURCES = [
  "cli",
  "client",
  "indexer",
  "node",
  "protocol",
  "scripts/deploy",
  "scripts/check/deployment",
];
const ROW = /^\| `((?:ERR|ACK)_[A-Z0-9_]+)` \| (.+?) \| (.+?) \|$/gm;

async function codesIn(folder: string): Promise<string[]> {
  const paths = await readdir(new URL(`${folder}/`, ROOT), { recursive: true });
  const sources = paths.filter((path) => /\.tsx?$/.test(path));
  const texts = await Promise.all(
    sources.map((path) => readFile(new URL(`${folder}/${path}`, ROOT), "utf8")),
  );
  return texts.flatMap((text) =>
    [...text.matchAll(/"(ERR_[A-Z0-9_]*[A-Z0-9])"/g)].map(([, code]) => code as string),
  );
}

const page = await readFile(new URL("docs/operations/errors.md", ROOT), "utf8");
const rows = [...page.matchAll(ROW)].map(([, code, means, remedy]) => ({ code, means, remedy }));
const named = rows.map(({ code }) => code as string);
const inSources = new Set((await Promise.all(SOURCES.map(codesIn))).flat());

test("docs/operations/errors.md has every code of the sources, once, and no other", () => {
  const codes = new Set([...inSources, ...ACK_CODES, ...RECEIPT_CODES].filter((code) => code !== "OK"));
  assert.deepEqual([...codes].filter((code) => !named.includes(code)).sort(), [], "not in the page");
  assert.deepEqual(
    named.filter((code) => !codes.has(code)),
    [],
    "not in the sources",
  );
  assert.deepEqual(
    named.filter((code, at) => named.indexOf(code) !== at),
    [],
    "twice",
  );
});

test("each code says what it means and what to do, in words of its own", () => {
  for (const { code, means = "", remedy = "" } of rows) {
    assert.ok(means.length >= 10 && remedy.length >= "top up".length, code);
    assert.notEqual(means, remedy, code);
  }
  const lines = page.split("\n").filter((line) => /^\| `(ERR|ACK)_/.test(line));
  assert.equal(lines.length, rows.length, "a line that is no row of three columns");
});

test("the codes of JSON-RPC methods are codes", () => {
  for (const { name, errors = [] } of [...CHAIN_METHODS, ...STATE_METHODS])
    for (const code of errors) assert.ok(named.includes(code), `${name}: ${code}`);
});
