import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CLIENT, operatorOf } from "./support/chain.ts";
import { caughtUp, get, startWorld, until, type World } from "./support/world.ts";

const OPERATOR = operatorOf(2);
const EARNED_FLK = 1000n * 10n ** 11n;

describe("earnings by what became of their settlement", () => {
  let world: World;

  before(async () => {
    world = await startWorld();
  });
  after(() => world.stop());

  const epochsOf = async (fields: string) => {
    const { account } = await get(
      world.indexer,
      `{ account(address: "${OPERATOR}") { claimableFlk epochs(orderBy: EPOCH) { nodes { ${fields} } } } }`,
    );
    return account ?? { claimableFlk: null, epochs: { nodes: [] } };
  };
  const states = async (): Promise<(string | null)[]> => {
    const { epochs } = await epochsOf("earning { state }");
    return epochs.nodes.map(({ earning }: { earning: { state: string | null } | null }) => earning?.state);
  };
  const table = async () => {
    const url = world.indexer.url.replace("/graphql", `/export/earnings.csv?account=${OPERATOR}`);
    const [head = "", ...lines] = (await (await fetch(url)).text()).trimEnd().split("\r\n");
    const names = head.split(",");
    return lines.map((line) => Object.fromEntries(line.split(",").map((cell, i) => [names[i], cell])));
  };

  it("leave claimable what a claim did not pay because it was not minted", async () => {
    const { chain, l2 } = world;
    chain.block({ changes: [chain.pay(CLIENT, 1000n)] });
    chain.close();
    await until("it is active", async () => (await states())[0] === "ACTIVE");
    const paid = { stablePaid: 700n, flkPaid: 40n, cumulativeStable: 700n, cumulativeFlk: 40n };
    l2.emit("settlement", "Claimed", { account: OPERATOR, payee: OPERATOR, ...paid });
    await caughtUp(world);
    const { claimableFlk, epochs } = await epochsOf("earning { claimedFlk claimableFlk }");
    const left = String(EARNED_FLK - 40n);
    assert.equal(claimableFlk, left);
    assert.deepEqual(epochs.nodes, [{ earning: { claimedFlk: "40", claimableFlk: left } }]);
    const [line] = await table();
    assert.deepEqual([line?.claimed_wei, line?.claimable_wei], ["40", left]);
  });

  it("are told apart before a settlement is posted, while it is held, and when it was voided", async () => {
    const { chain, l2 } = world;
    chain.block({ changes: [chain.pay(CLIENT, 1000n)] });
    chain.close({ post: false });
    const held = { epoch: 1n, reasons: 2 };
    const stages: [string | null, () => void, string][] = [
      [null, () => undefined, "0"],
      ["PENDING", () => chain.post(1, false), "700"],
      ["HELD", () => l2.emit("settlement", "Held", { ...held, digest: chain.digest(1) }), "700"],
      ["VOIDED", () => l2.emit("settlement", "Voided", { firstEpoch: 1n, lastEpoch: 1n }), "0"],
    ];
    for (const [state, happens, settled] of stages) {
      happens();
      if (state !== null) l2.emit("flk", "Transfer", { from: CLIENT, to: OPERATOR, value: 1n });
      await until(`its state is ${state}`, async () => (await states())[1] === state);
      const line = (await table())[1];
      assert.deepEqual([line?.settlement_state, line?.settled_micro_usd], [state ?? "", settled]);
    }
    const { settlement } = await get(world.indexer, "{ settlement(epoch: 1) { state heldFor } }");
    assert.deepEqual(settlement, { state: "VOIDED", heldFor: ["FLK_LIMIT"] });
  });
});
