import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type SQLWrapper, sql } from "drizzle-orm";
import { type PageArgs, readChildPages, selectChildren } from "#indexer/api/page.ts";
import type { Store, Writer } from "#indexer/store/database.ts";
import { deposits } from "#indexer/store/schema.ts";
import { openStore } from "./support/storage.ts";

const PARENTS = Array.from({ length: 20 }, (_, i) => `0x${String(i).padStart(2, "0")}`);
const EACH = 500;

describe("pages of the children of many parents", () => {
  let store: Store;
  let writer: Writer;
  const order = { name: "BLOCK", columns: [deposits.block, deposits.logIndex], descending: true };
  before(async () => {
    store = await openStore("pages");
    writer = await store.claim(new AbortController().signal, () => undefined);
    await writer.write(async (tx) => {
      await tx.execute(sql`
        INSERT INTO ${deposits} ("block", "logIndex", "txHash", "time", "account", "from", "amount", "total")
        SELECT i, 0, '0x', 0, '0x' || lpad((i % ${PARENTS.length}::integer)::text, 2, '0'), '0x', i, i
        FROM generate_series(0, ${PARENTS.length * EACH - 1}::integer) i`);
      await tx.execute(sql`ANALYZE ${deposits}`);
    });
  });
  after(async () => {
    await writer.release();
    await store.close();
  });

  it("hold the first of each, in their order, and say whether there are more", async () => {
    const options = { parent: deposits.account, parents: [...PARENTS, "0xff"], order };
    const pages = await readChildPages(store.db, deposits, { ...options, args: { first: 2 } });
    for (const [i, parent] of PARENTS.entries()) {
      const page = pages.get(parent);
      const newest = PARENTS.length * (EACH - 1) + i;
      assert.deepEqual(
        page?.edges.map(({ node }) => [node.account, node.block, node.amount]),
        [newest, newest - PARENTS.length].map((block) => [parent, block, BigInt(block)]),
      );
      assert.ok(page?.hasNextPage);
      assert.equal(await page?.totalCount(), EACH);
    }
    assert.deepEqual(pages.get("0xff")?.edges, []);
    assert.equal(await pages.get("0xff")?.totalCount(), 0);
    const after = pages.get(PARENTS[0] as string)?.edges.at(-1)?.cursor;
    const next = await readChildPages(store.db, deposits, { ...options, args: { first: 1, after } });
    assert.deepEqual(
      next.get(PARENTS[0] as string)?.edges.map(({ node }) => node.block),
      [PARENTS.length * (EACH - 3)],
    );
  });

  it("hold the last of each, or those before a cursor, in the order of the list", async () => {
    const [parent] = PARENTS as [string];
    const options = { parent: deposits.account, parents: [parent], order };
    const read = async (args: PageArgs) => {
      const page = (await readChildPages(store.db, deposits, { ...options, args })).get(parent);
      assert.ok(page);
      return { ...page, blocks: page.edges.map(({ node }) => node.block / PARENTS.length) };
    };
    const oldest = await read({ last: 3 });
    assert.deepEqual(oldest.blocks, [2, 1, 0]);
    assert.deepEqual([oldest.hasPreviousPage, oldest.hasNextPage], [true, false]);
    const before = oldest.edges[0]?.cursor;
    const earlier = await read({ last: 2, before });
    assert.deepEqual(earlier.blocks, [4, 3]);
    assert.deepEqual([earlier.hasPreviousPage, earlier.hasNextPage], [true, true]);
    const after = earlier.edges[0]?.cursor;
    assert.deepEqual((await read({ last: 9, after, before })).blocks, [3]);
    assert.deepEqual((await read({ first: 9, after, before })).blocks, [3]);
    const all = await read({ last: 1000 });
    assert.equal(all.blocks.length, EACH);
    assert.ok(!all.hasPreviousPage && !all.hasNextPage);
  });

  it("read no more rows than they return", async () => {
    for (const args of [{ first: 1 }, { last: 1 }]) {
      const options = { parent: deposits.account, parents: PARENTS, order, args };
      const query: SQLWrapper = selectChildren(store.db, deposits, options);
      const { rows } = await store.db.execute<{ "QUERY PLAN": Plan[] }>(
        sql`EXPLAIN (ANALYZE, FORMAT JSON) ${query.getSQL()}`,
      );
      assert.equal(rowsRead(rows[0]?.["QUERY PLAN"][0]?.Plan as Node), 2 * PARENTS.length);
    }
  });
});

interface Plan {
  Plan: Node;
}
interface Node {
  "Relation Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  Plans?: Node[];
}

/** Of tables, not of what other steps of the plan made. */
function rowsRead(node: Node): number {
  const own = node["Relation Name"] ? node["Actual Rows"] * node["Actual Loops"] : 0;
  return (node.Plans ?? []).reduce((sum, child) => sum + rowsRead(child), own);
}
