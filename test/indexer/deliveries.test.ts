import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ackStatus } from "#protocol/errors/codes.ts";
import { toHex } from "#protocol/types/hex.ts";
import { TX } from "#protocol/types/transactions.ts";
import { CLIENT, NODES } from "./support/chain.ts";
import { accountTransaction, sessionOf, UNITS_PER_MICRO_USD } from "./support/transactions.ts";
import { caughtUp, get, ready, startWorld, until, type World } from "./support/world.ts";

describe("deliveries that a receipt leaves open", () => {
  let world: World;
  before(async () => {
    world = await startWorld();
  });
  after(() => world.stop());

  it("mark the epoch when they do not add up to its report, which is served all the same", async () => {
    const { chain, indexer, logged } = world;
    chain.block({ changes: [chain.pay(CLIENT, 10n)] });
    chain.close();
    const paid = chain.pay(CLIENT, 5n);
    const acks = [1, 0].map((commodity, lane) => ({
      ack: {
        ...{
          epoch: 1,
          account: paid.account,
          session: sessionOf(CLIENT),
          lane,
          node: 2,
          service: 0,
          commodity,
        },
        ...{ count: 1, units: 9n * UNITS_PER_MICRO_USD, log: new Uint8Array(32) },
      },
      signature: new Uint8Array(64),
    }));
    const body = { node: 2, sequence: 1, acks, delegations: [] };
    const submitted = accountTransaction({ kind: TX.submitAcks, body }, [paid]);
    const statuses = [ackStatus("ACK_PARTIAL_LIMIT"), ackStatus("ACK_PARTIAL_BALANCE")];
    chain.block({ transactions: [{ ...submitted, ackStatus: statuses }] });
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
    assert.deepEqual(deliveries.nodes, [
      { epoch: 0, commodity: 0, revenue: "10" },
      { epoch: 1, commodity: 1, revenue: "5" },
    ]);
    assert.ok(logged.some(({ event }) => event === "deliveries_differ"));
    assert.equal((await ready(indexer)).status, 200);
  });
});
