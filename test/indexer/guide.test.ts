import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { transactionId } from "#protocol/digests/ids.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { TX } from "#protocol/types/transactions.ts";
import { CLIENT, OTHER, operatorOf } from "./support/chain.ts";
import { accountTransaction, sessionOf } from "./support/transactions.ts";
import { caughtUp, get, startWorld, until, type World } from "./support/world.ts";

const guide = await readFile(new URL("../../docs/guides/graphql.md", import.meta.url), "utf8");
const questions = [...guide.matchAll(/### (?<question>[^\n]+)\n\n```graphql\n(?<query>[\s\S]*?)```/g)].map(
  ({ groups }) => ({
    question: groups?.question as string,
    query: groups?.query as string,
  }),
);

/** Something of everything that is asked for. */
function liveThrough({ chain, l2 }: World): { id: string } {
  const account = fromHex(CLIENT);
  const key = sessionOf(CLIENT);
  const body = { account, nonce: 0, scheme: 0, key, expiryEpoch: 9, limit: 500n };
  const authorize = accountTransaction({ kind: TX.authorizeSession, body });
  const l2Changes = [chain.withdrawn(CLIENT, 7n)];
  chain.block({ l2Changes, transactions: [authorize, chain.transfer(CLIENT, OTHER, 3n)] });
  l2.emit("vault", "WithdrawRequested", { account: CLIENT, amount: 7n });
  l2.emit("staking", "Upgraded", { implementation: OTHER });
  const proposal = {
    proposalId: 1n,
    proposer: OTHER,
    targets: [],
    values: [],
    signatures: [],
    calldatas: [],
  };
  l2.emit("governor", "ProposalCreated", { ...proposal, voteStart: 1n, voteEnd: 2n, description: "less" });
  const vote = { voter: CLIENT, proposalId: 1n, support: 1, weight: 5n, reason: "" };
  l2.emit("governor", "VoteCast", vote);
  const lot = { lotId: 0n, fromEpoch: 0n, toEpoch: 0n, amount: 1n, revenue: 1n };
  l2.emit("auction", "LotOpened", { ...lot, startPrice: 2n, floorPrice: 1n, closesAt: 9 });
  return { id: toHex(transactionId(authorize.bytes)) };
}

describe("the queries of docs/guides/graphql.md", () => {
  let world: World;
  let id: string;

  before(async () => {
    world = await startWorld();
    const { chain } = world;
    ({ id } = liveThrough(world));
    chain.block({ changes: [chain.pay(CLIENT, 1000n)] });
    chain.close();
    chain.claim(operatorOf(2));
    chain.block();
    await caughtUp(world);
    await until("epoch 0 is final", async () => {
      const { epochs } = await get(world.indexer, "{ epochs(final: true) { totalCount } }");
      return epochs.totalCount === 1;
    });
  });
  after(() => world.stop());

  it("are all found, and the fifteen that dashboards ask are among them", () => {
    assert.equal(questions.length, [...guide.matchAll(/^### /gm)].length);
    assert.ok(questions.length >= 15);
  });

  it("filter as the guide says", async () => {
    const [query] = /query [^\n]+\n {2}deposits\([^\n]+ or: [\s\S]*?\n\}/.exec(guide) ?? [];
    const { deposits } = await get(world.indexer, query as string, { address: CLIENT });
    assert.equal(deposits.totalCount, 1);
  });

  for (const { question, query } of questions) {
    it(question, async () => {
      const hash = world.l2.logs[0]?.transactionHash;
      const data = await get(world.indexer, query, {
        address: CLIENT,
        node: 2,
        epoch: 0,
        id,
        hash,
        after: null,
      });
      for (const [field, value] of Object.entries(data)) {
        assert.ok(value !== null, `${field} is null`);
        const { nodes } = value as { nodes?: unknown[] };
        if (nodes) assert.ok(nodes.length > 0, `${field} is empty`);
      }
    });
  }
});
