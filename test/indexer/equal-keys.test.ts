import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Hex } from "#protocol/types/hex.ts";
import { CLIENT, OTHER } from "./support/chain.ts";
import { caughtUp, get, startWorld, type World } from "./support/world.ts";

const ACCOUNTS = Array.from({ length: 13 }, (_, i): Hex => `0x${(i + 16).toString(16).repeat(20)}`);
const EMPTY = { targets: [], values: [], signatures: [], calldatas: [] };

interface Page {
  edges: { cursor: string }[];
  nodes: object[];
  pageInfo: Record<"hasNextPage" | "hasPreviousPage", boolean> & Record<"startCursor" | "endCursor", string>;
}

/** Name, arguments and fields of lists of which many rows are equal in what orders them. */
const LISTS: readonly [string, string, string][] = [
  ["deposits", "orderBy: AMOUNT", "account amount"],
  ["accounts", "orderBy: BALANCE", "address balance"],
  ["accounts", "atEpoch: 0, orderBy: BALANCE", "address balance"],
  ["votes", "orderBy: WEIGHT", "voter weight"],
  ["stakes", "atEpoch: 0", "nodeId staked"],
  ["nodes", "atEpoch: 0, orderBy: STAKE", "id stake"],
];

describe("lists of which many rows have one value", () => {
  let world: World;

  before(async () => {
    world = await startWorld();
    const { chain, l2 } = world;
    const proposal = { proposalId: 1n, proposer: OTHER, ...EMPTY, voteStart: 1n, voteEnd: 2n };
    l2.emit("governor", "ProposalCreated", { ...proposal, description: "less" });
    for (const [i, account] of ACCOUNTS.entries()) {
      chain.deposit(account, BigInt(1 + (i % 3)));
      const vote = { voter: account, proposalId: 1n, support: 1, weight: BigInt(i % 2), reason: "" };
      l2.emit("governor", "VoteCast", vote);
    }
    chain.block({ l2Changes: ACCOUNTS.map((account) => chain.seen(account)) });
    chain.close();
    chain.block({ changes: [chain.pay(CLIENT, 1n)] });
    await caughtUp(world);
  });
  after(() => world.stop());

  async function pageOf(list: string, args: string, fields: string): Promise<Page> {
    const query = `{ list: ${list}(${args}) { edges { cursor } nodes { ${fields} }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
    return (await get(world.indexer, query)).list;
  }

  for (const [list, given, fields] of LISTS) {
    for (const direction of ["ASC", "DESC"]) {
      it(`give every row of ${list}(${given}) once, ${direction}, from either end`, async () => {
        const args = `${given}, direction: ${direction}`;
        const all = await pageOf(list, `${args}, first: 1000`, fields);
        assert.ok(all.nodes.length > 3);
        const forwards: object[] = [];
        for (let page: Page | undefined; page === undefined || page.pageInfo.hasNextPage; ) {
          const cursor = page === undefined ? "" : `, after: "${page.pageInfo.endCursor}"`;
          page = await pageOf(list, `${args}, first: 2${cursor}`, fields);
          forwards.push(...page.nodes);
        }
        assert.deepEqual(forwards, all.nodes);
        const backwards: object[] = [];
        for (let page: Page | undefined; page === undefined || page.pageInfo.hasPreviousPage; ) {
          const cursor = page === undefined ? "" : `, before: "${page.pageInfo.startCursor}"`;
          page = await pageOf(list, `${args}, last: 2${cursor}`, fields);
          backwards.unshift(...page.nodes);
        }
        assert.deepEqual(backwards, all.nodes);
        const [from, to] = [all.edges[0]?.cursor, all.edges.at(-1)?.cursor];
        const inner = await pageOf(list, `${args}, last: 1000, after: "${from}", before: "${to}"`, fields);
        assert.deepEqual(inner.nodes, all.nodes.slice(1, -1));
      });
    }
  }
});
