import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { getNamedType, getNullableType, isListType, isObjectType } from "graphql";
import { createSchema } from "#indexer/api/schema.ts";
import { Rng } from "#scripts/bench/support/rng.ts";
import { CLIENT, OTHER, operatorOf } from "./support/chain.ts";
import { RandomQueries } from "./support/random-query.ts";
import { type Answer, caughtUp, startWorld, type World } from "./support/world.ts";

const long = process.env.FLK_FUZZ === "long";
const SEED = long ? Date.now() % 2 ** 31 : 7;
const COUNT = long ? 200_000 : 2_000;
const IN_FLIGHT = 8;
/** rows of one list in an answer */
const MAX_PAGE = 1_000;

/** Lists whose length the protocol or the contracts bound, so that they need no pages. */
const SHORT_LISTS = new Set([
  "Committee.seats",
  "NodeEpoch.work",
  "Proposal.calls",
  "Service.prices",
  "Settlement.history",
]);

it("every list of the schema has pages, or is known to be short", () => {
  const unbounded: string[] = [];
  for (const type of Object.values(createSchema().getTypeMap())) {
    if (!isObjectType(type) || /^__|Connection$/.test(type.name)) continue;
    for (const field of Object.values(type.getFields())) {
      const objects = isListType(getNullableType(field.type)) && isObjectType(getNamedType(field.type));
      if (objects && !SHORT_LISTS.has(`${type.name}.${field.name}`))
        unbounded.push(`${type.name}.${field.name}`);
    }
  }
  assert.deepEqual(unbounded, []);
});

describe(`random queries, seed ${SEED}`, () => {
  let world: World;
  before(async () => {
    world = await startWorld();
    const { chain } = world;
    for (let epoch = 0; epoch < 3; epoch++) {
      chain.deposit(OTHER, 7n);
      chain.block({ l2Changes: [chain.seen(OTHER)], changes: [chain.pay(CLIENT, 1000n)] });
      chain.close();
    }
    chain.claim(operatorOf(2));
    await caughtUp(world);
  });
  after(() => world.stop());

  async function ask(query: string): Promise<{ status: number; answer: Answer }> {
    const headers = { "content-type": "application/json", accept: "application/json" };
    const response = await fetch(world.indexer.url, {
      method: "POST",
      headers,
      body: JSON.stringify({ query }),
    });
    return { status: response.status, answer: (await response.json()) as Answer };
  }

  function assertBounded(value: unknown, query: string): void {
    if (Array.isArray(value)) assert.ok(value.length <= MAX_PAGE, query);
    if (typeof value === "object" && value !== null)
      for (const inner of Object.values(value)) assertBounded(inner, query);
  }

  async function check(query: string): Promise<"answered" | "refused"> {
    const { status, answer } = await ask(query);
    assert.ok(status < 500, `${status}: ${query}`);
    assert.ok(answer.data !== undefined || answer.errors, query);
    for (const { message, extensions } of answer.errors ?? []) {
      assert.match(String(extensions?.code), /^(ERR_QUERY_|GRAPHQL_)/, `${message}: ${query}`);
      assert.doesNotMatch(message, /select |insert |\$1|pglite|node_modules/i, query);
    }
    assertBounded(answer.data, query);
    return answer.errors ? "refused" : "answered";
  }

  it(`${COUNT} of them, valid, half valid and broken: an answer or a code, never a failure of ours`, async () => {
    const rng = new Rng(SEED);
    const queries = new RandomQueries(createSchema(), rng, [CLIENT, OTHER, operatorOf(2)]);
    const outcomes = {
      valid: { answered: 0, refused: 0 },
      wild: { answered: 0, refused: 0 },
      broken: { answered: 0, refused: 0 },
    };
    let left = COUNT;
    const worker = async () => {
      while (left-- > 0) {
        const kind = rng.chance(0.5) ? "valid" : rng.chance(0.6) ? "wild" : "broken";
        const document = queries.next(kind === "wild" ? 20 : 0);
        const outcome = await check(kind === "broken" ? queries.broken(document) : document);
        outcomes[kind][outcome]++;
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    // the fuzz is worth something only while most valid queries are really run
    const { valid, wild, broken } = outcomes;
    assert.ok(valid.answered > 2 * valid.refused, JSON.stringify(outcomes));
    assert.ok(
      wild.refused > 0 && wild.answered > 0 && broken.refused > broken.answered,
      JSON.stringify(outcomes),
    );
  });
});
