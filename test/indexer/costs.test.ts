import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { membersOf } from "#indexer/api/types/committee.ts";
import type { epochs } from "#indexer/store/schema.ts";
import { Committee } from "#protocol/types/committee.ts";
import { toHex } from "#protocol/types/hex.ts";
import { CLIENT } from "./support/chain.ts";
import { ask, caughtUp, startWorld, type World } from "./support/world.ts";

type EpochRow = typeof epochs.$inferSelect;

describe("what a query costs the database beside what it returns", () => {
  let world: World;

  before(async () => {
    world = await startWorld();
    world.chain.block({ changes: [world.chain.pay(CLIENT, 1n)] });
    world.chain.close();
    await caughtUp(world);
  });
  after(() => world.stop());

  const code = async (query: string, variables?: object) =>
    (await ask(world.indexer, query, variables)).errors?.[0]?.extensions.code;
  const times = (count: number, field: string) =>
    `{ ${Array.from({ length: count }, (_, i) => `a${i}: ${field}`).join(" ")} }`;

  async function assertAtMost(count: number, field: string): Promise<void> {
    assert.equal(await code(times(count, field)), undefined, `${count} of ${field}`);
    assert.equal(await code(times(count + 1, field)), "ERR_QUERY_TOO_COSTLY", `${count + 1} of ${field}`);
  }

  it("is bounded for counts of large tables", async () => {
    await assertAtMost(3, "accounts(first: 0) { totalCount }");
    await assertAtMost(3, 'deposits(where: { amount: { _gt: "1" } }, orderBy: AMOUNT) { totalCount }');
    await assertAtMost(12, `deposits(where: { account: { _eq: "${CLIENT}" } }) { totalCount }`);
    await assertAtMost(20, "epochs(first: 0) { totalCount }");
  });

  it("is bounded for counts of one list by several names, and through fragments", async () => {
    const counts = "a: totalCount b: totalCount c: totalCount";
    assert.equal(await code(`{ accounts(first: 0) { ${counts} } }`), undefined);
    assert.equal(
      await code(`{ accounts(first: 0) { ${counts} ... { d: totalCount } } }`),
      "ERR_QUERY_TOO_COSTLY",
    );
    const fragment = "fragment F on AccountConnection { d: totalCount }";
    assert.equal(await code(`{ accounts(first: 0) { ${counts} ...F } } ${fragment}`), "ERR_QUERY_TOO_COSTLY");
  });

  it("is bounded for epochs gone by, and for roles", async () => {
    await assertAtMost(1, "accounts(atEpoch: 0, orderBy: BALANCE, first: 1) { nodes { address } }");
    await assertAtMost(3, "nodes(atEpoch: 0, first: 1) { nodes { id } }");
    await assertAtMost(20, "parameters(atEpoch: 0, first: 1) { totalCount nodes { key } }");
    await assertAtMost(3, "stakeLocks(atEpoch: 0, first: 1) { nodes { block } }");
    await assertAtMost(20, "settlements(atEpoch: 0, first: 1) { totalCount nodes { epoch } }");
    await assertAtMost(20, "lots(atEpoch: 0, first: 1) { totalCount nodes { id } }");
    await assertAtMost(20, "services(atEpoch: 0, first: 1) { totalCount nodes { id } }");
    await assertAtMost(3, "accounts(role: CLIENT, first: 1) { nodes { address } }");
  });

  it("is bounded for filters and orders of different columns", async () => {
    await assertAtMost(3, 'deposits(where: { amount: { _gt: "1" } }, first: 1) { nodes { amount } }');
    await assertAtMost(
      3,
      `deposits(where: { account: { _eq: "${CLIENT}" } }, orderBy: AMOUNT) { nodes { amount } }`,
    );
    await assertAtMost(3, 'deposits(where: { or: [{ amount: { _gt: "1" } }] }) { nodes { amount } }');
    await assertAtMost(20, `deposits(where: { account: { _eq: "${CLIENT}" } }) { nodes { amount } }`);
    await assertAtMost(20, 'deposits(where: { amount: { _gt: "1" } }, orderBy: AMOUNT) { nodes { amount } }');
  });

  it("is bounded for a list that leaves rows out, whichever end it begins at", async () => {
    await assertAtMost(3, "payouts(last: 1) { nodes { epoch } }");
    await assertAtMost(3, "payouts(where: { epoch: { _eq: 0 } }, first: 1) { nodes { epoch } }");
    await assertAtMost(20, `payouts(where: { account: { _eq: "${CLIENT}" } }, first: 1) { nodes { epoch } }`);
  });

  it("is bounded for what accounts withdrew, of which each may have any number", async () => {
    const epochs = (first: number) =>
      `account(address: "${CLIENT}") { epochs(first: ${first}) { nodes { earning { withdrawnStable } } } }`;
    await assertAtMost(12, epochs(1));
    await assertAtMost(3, epochs(2));
  });

  it("is bounded for nested lists", async () => {
    await assertAtMost(12, `account(address: "${CLIENT}") { epochs(first: 1) { totalCount } }`);
    await assertAtMost(3, "epochs(first: 2) { nodes { accounts(first: 1) { totalCount } } }");
    await assertAtMost(
      3,
      "epochs(first: 2) { nodes { nodes(first: 1, orderBy: REVENUE) { nodes { nodeId } } } }",
    );
  });

  it("is the same when variables or their defaults say it", async () => {
    const query = (count: number, given: string) =>
      `query ($epoch: Int${given}) ${times(count, "accounts(atEpoch: $epoch, first: 1) { nodes { address } }")}`;
    assert.equal(await code(query(2, ""), {}), undefined);
    assert.equal(await code(query(2, ""), { epoch: 0 }), "ERR_QUERY_TOO_COSTLY");
    assert.equal(await code(query(2, " = 0")), "ERR_QUERY_TOO_COSTLY");
    const pages =
      "query ($n: Int = 1000) { nodes(first: $n) { nodes { epochs(first: $n) { nodes { epoch } } } } }";
    assert.equal(await code(pages), "ERR_QUERY_TOO_COSTLY");
    assert.equal(await code(pages, { n: 10 }), undefined);
    assert.equal(await code(pages.replaceAll("first:", "last:")), "ERR_QUERY_TOO_COSTLY");
  });

  it("is bounded for committees and certificates, which are decoded, and for what is nested in seats", async () => {
    const page = (fields: string) => `{ epochs(first: 1000) { nodes { ${fields} } } }`;
    assert.equal(await code(page("a: committee certificate { signers } seats { epoch }")), undefined);
    for (const more of [
      "d: committee",
      "seats { power seats { nodeId } }",
      "settlement { certificate { power } }",
    ])
      assert.equal(
        await code(page(`a: committee b: committee c: certificate { signers } ${more}`)),
        "ERR_QUERY_TOO_COSTLY",
        more,
      );
    const nested = (first: number) =>
      `{ epochs(first: 10) { nodes { seats { seats { node { epochs(first: ${first}) { nodes { epoch } } } } } } } }`;
    assert.equal(await code(nested(77)), undefined);
    assert.equal(await code(nested(78)), "ERR_QUERY_TOO_COSTLY");
  });

  it("decodes a committee once for a row", () => {
    const committee = {
      epoch: 1,
      members: [{ nodeId: 7, keyVersion: 1, power: 1, consensusKey: new Uint8Array(48) }],
    };
    const rowOf = (): EpochRow =>
      ({ committee: toHex(Committee.serialize(committee)), certificate: null }) as EpochRow;
    const row = rowOf();
    assert.equal(membersOf(row), membersOf(row));
    assert.deepEqual(membersOf(rowOf()), membersOf(row));
    assert.notEqual(membersOf(rowOf()), membersOf(row));
  });

  it("is bounded by the number of lists, whatever they are", () =>
    assertAtMost(20, "lots(first: 1) { nodes { id } }"));
});
