import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ackStatus } from "#protocol/errors/codes.ts";
import { toHex } from "#protocol/types/hex.ts";
import { CLIENT, NODES } from "./support/chain.ts";
import { ackTransaction, UNITS_PER_MICRO_USD } from "./support/transactions.ts";
import { caughtUp, get, ready, startWorld, until, type World } from "./support/world.ts";

describe("payments that do not fit the codes of their receipt", () => {
  let world: World;
  before(async () => {
    world = await startWorld();
  });
  after(() => world.stop());

  it("are nobody's, and mark the epoch, whose report is served all the same", async () => {
    const { chain, indexer, logged } = world;
    chain.block({ changes: [chain.pay(CLIENT, 10n)] });
    chain.close();
    const paid = chain.pay(CLIENT, 5n);
    const submitted = ackTransaction(1, paid, 9n * UNITS_PER_MICRO_USD);
    chain.block({ transactions: [{ ...submitted, ackStatus: [ackStatus("ACK_UNPAID_LIMIT")] }] });
    chain.close();
    await caughtUp(world);
    const read = async () => {
      const { epochs } = await get(
        indexer,
        "{ epochs { nodes { number verified finality problem nodes { totalCount } } } }",
      );
      return epochs.nodes;
    };
    await until("both are final", async () =>
      (await read()).slice(0, 2).every((row: { finality: string }) => row.finality === "FINAL"),
    );
    const row = { verified: true, finality: "FINAL", nodes: { totalCount: NODES.length } };
    assert.deepEqual((await read()).slice(0, 2), [
      { number: 0, problem: null, ...row },
      { number: 1, problem: "ERR_DELIVERIES", ...row },
    ]);
    const { deliveries } = await get(
      indexer,
      `{ deliveries(where: { account: { _eq: "${toHex(paid.account)}" } }) { nodes { epoch commodity revenue } } }`,
    );
    assert.deepEqual(deliveries.nodes, [{ epoch: 0, commodity: 0, revenue: "10" }]);
    assert.ok(logged.some(({ event }) => event === "deliveries_differ"));
    assert.equal((await ready(indexer)).status, 200);
  });

  it("an epoch tells bytes and ms apart, and only units adds them up", async () => {
    const { chain, indexer } = world;
    chain.block({ changes: [chain.pay(CLIENT, 2n)] });
    chain.unpaid = [{ service: 0, commodity: 1, units: 3_400n, deliveries: 1, lanes: 1, revenue: 0n }];
    chain.close();
    await caughtUp(world);
    const read = async () => {
      const { epochs } = await get(indexer, "{ epochs { nodes { number verified units bytes ms } } }");
      return epochs.nodes.slice(2);
    };
    await until("it is verified", async () => (await read())[0]?.verified);
    assert.deepEqual(await read(), [
      { number: 2, verified: true, units: "103400", bytes: "100000", ms: "3400" },
      { number: 3, verified: false, units: null, bytes: null, ms: null },
    ]);
  });
});
