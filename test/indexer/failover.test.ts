import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { Indexer } from "#indexer/indexer.ts";
import { CLIENT, TestChain } from "./support/chain.ts";
import { FakeL2 } from "./support/fake-l2.ts";
import { startFakeNode } from "./support/fake-node.ts";
import { type FakeRpc, startFakeRpc } from "./support/fake-rpc.ts";
import { newStorage } from "./support/storage.ts";
import { caughtUp, get, indexerOf, ready, until } from "./support/world.ts";

/** How a provider answers instead of the truth: undefined as the truth. */
type Twist = (method: string, params: unknown[], truth: () => unknown) => unknown;

describe("an indexer with several L2 URLs", () => {
  let l2: FakeL2;
  let chain: TestChain;
  let first: FakeRpc;
  let second: FakeRpc;
  let nodeRpc: FakeRpc;
  let indexer: Indexer;
  let twist: Twist | undefined;
  const asked = (rpc: FakeRpc) => rpc.calls.get("eth_getLogs")?.length ?? 0;
  const reasons = async () => (await ready(indexer)).reasons.join();

  before(async () => {
    l2 = new FakeL2();
    chain = new TestChain(l2);
    const truth = (method: string, params: unknown[]) => l2.answer(method, params);
    first = await startFakeRpc((method, params) =>
      twist ? twist(method, params, () => truth(method, params)) : truth(method, params),
    );
    second = await startFakeRpc(truth);
    nodeRpc = await startFakeNode(() => chain);
    const rpcUrls = [first.url, second.url];
    indexer = indexerOf(first.url, nodeRpc.url, [], { ...(await newStorage()), rpcUrls });
    await indexer.start();
    await follows();
    assert.equal(asked(second), 0, "one that answers is kept");
  });
  after(async () => {
    await indexer.stop();
    for (const rpc of [first, second, nodeRpc]) await rpc.stop();
  });
  // back to the first one
  afterEach(async () => {
    twist = undefined;
    l2.salt = 0;
    second.down = true;
    await follows();
    second.down = false;
  });

  let deposited = 5_000_000n;
  async function follows(): Promise<void> {
    chain.deposit(CLIENT, 7n);
    deposited += 7n;
    await caughtUp({ indexer, l2, chain });
    const { account } = await get(indexer, `{ account(address: "${CLIENT}") { deposits } }`);
    assert.equal(account.deposits, String(deposited));
  }
  const goesOn = async () => {
    const before = asked(second);
    await follows();
    assert.ok(asked(second) > before);
  };

  it("goes to the next when one is down", async () => {
    first.down = true;
    await goesOn();
    first.down = false;
  });

  for (const wrong of ["refused", null, [{ nonsense: true }], "0xzz"]) {
    it(`goes to the next when one answers ${JSON.stringify(wrong)} instead of logs`, async () => {
      twist = (method, _, truth) => {
        if (method !== "eth_getLogs") return truth();
        if (wrong === "refused") throw new Error("too much");
        return wrong;
      };
      await goesOn();
    });
  }

  it("goes to the next when one serves logs that are not of what was asked for", async () => {
    twist = (method, _, truth) => {
      const answer = truth();
      if (method !== "eth_getLogs") return answer;
      const logs = answer as { blockNumber: string }[];
      return logs.map((log) => ({ ...log, blockNumber: "0x1" }));
    };
    await goesOn();
    second.down = true;
    chain.deposit(CLIENT, 1n);
    deposited++;
    await until("it says so", async () => /ERR_L2_RESPONSE/.test(await reasons()));
  });

  it("goes to the next when one forks, and says so when all do", async () => {
    const forked: Twist = (method, params, truth) => {
      if (method !== "eth_getBlockByNumber") return truth();
      const answer = truth() as { hash: string };
      return params[0] === "finalized" ? answer : { ...answer, hash: `0x${"66".repeat(32)}` };
    };
    twist = forked;
    await goesOn();
    l2.salt = 1;
    chain.deposit(CLIENT, 1n);
    deposited++;
    await until("it says so", async () => /ERR_L2_FORK/.test(await reasons()));
  });

  it("goes to the next when one has a receipt that is none", async () => {
    let asked = 0;
    twist = (method, _, truth) => {
      if (method !== "eth_getTransactionReceipt") return truth();
      return asked++ === 0 ? { number: "0x" } : {};
    };
    chain.block({ l2Changes: [chain.seen(CLIENT)] });
    chain.close();
    await caughtUp({ indexer, l2, chain });
    const { settlements } = await get(indexer, "{ settlements { nodes { gasUsed } } }");
    assert.deepEqual(settlements.nodes, [{ gasUsed: "234567" }]);
    assert.ok(asked > 0);
  });

  it("leaves one that stands still for one that does not", async () => {
    const stuck = l2.finalized;
    twist = (method, params, truth) =>
      method === "eth_getBlockByNumber" && params[0] === "finalized"
        ? l2.answer(method, [`0x${stuck.toString(16)}`])
        : truth();
    await goesOn();
  });

  it("sorts logs that come in another order, and reads the time of blocks that logs do not tell", async () => {
    twist = (method, _, truth) => {
      const answer = truth();
      if (method !== "eth_getLogs") return answer;
      return (answer as object[]).map((log) => ({ ...log, blockTimestamp: undefined })).reverse();
    };
    await follows();
    const { deposits } = await get(indexer, "{ deposits(direction: DESC) { nodes { block time } } }");
    const [{ block, time }] = deposits.nodes;
    assert.equal(time, 1000 * (1_700_000_000 + block));
  });
});
