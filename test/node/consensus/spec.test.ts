import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const spec = read("docs/spec/consensus.md");
const RULE = /\b(?:NAR|WRK|BUL|BLK|EPO)-[A-Z]+(?:-[A-Z]+)*\b/g;

test("the code names every rule of docs/spec/consensus.md, and none that is not there", () => {
  const defined = [...spec.matchAll(/^- \*\*([A-Z-]+)\*\*/gm)].map(([, id]) => id as string);
  assert.equal(new Set(defined).size, defined.length);
  const named = new Set<string>();
  for (const path of globSync(["node/**/*.ts", "protocol/**/*.ts"], { cwd: root })) {
    for (const [id] of read(path).matchAll(RULE)) named.add(id);
  }
  assert.deepEqual([...named].sort(), defined.sort());
  for (const [id] of spec.matchAll(RULE)) assert(defined.includes(id), id);
});

test("the scenario table of docs/spec/consensus.md names tests that exist", () => {
  const cells = [...spec.matchAll(/\[([^\]]+\.test\.ts)\]\(\.\.\/\.\.\/([^)]+)\): ([^|<]+)/g)];
  assert(cells.length > 40);
  for (const [, , path = "", titles = ""] of cells) {
    const source = read(path);
    for (const [, title = ""] of titles.matchAll(/“([^”]+)”/g))
      assert(source.includes(title), `${path}: ${title}`);
  }
});
