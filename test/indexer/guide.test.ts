import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { CLIENT, operatorOf } from "./support/chain.ts";
import { caughtUp, get, startWorld, until, type World } from "./support/world.ts";

const guide = await readFile(new URL("../../docs/guides/graphql.md", import.meta.url), "utf8");
const questions = [...guide.matchAll(/### (?<question>[^\n]+)\n\n```graphql\n(?<query>[\s\S]*?)```/g)].map(
  ({ groups }) => ({
    question: groups?.question as string,
    query: groups?.query as string,
  }),
);

describe("the queries of docs/guides/graphql.md", () => {
  let world: World;

  before(async () => {
    world = await startWorld();
    const { chain } = world;
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

  it("are all found", () => assert.equal(questions.length, [...guide.matchAll(/^### /gm)].length));

  for (const { question, query } of questions) {
    it(question, async () => {
      const data = await get(world.indexer, query, { address: CLIENT, node: 2, epoch: 0, after: null });
      for (const [field, value] of Object.entries(data)) {
        assert.ok(value !== null, `${field} is null`);
        const { nodes } = value as { nodes?: unknown[] };
        if (nodes) assert.ok(nodes.length > 0, `${field} is empty`);
      }
    });
  }
});
