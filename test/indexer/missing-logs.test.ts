import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { Indexer } from "#indexer/indexer.ts";
import { CLIENT, TestChain } from "./support/chain.ts";
import { FakeL2 } from "./support/fake-l2.ts";
import { startFakeNode } from "./support/fake-node.ts";
import { type FakeRpc, startFakeRpc } from "./support/fake-rpc.ts";
import { newStorage } from "./support/storage.ts";
import { caughtUp, get, indexerOf, ready, until } from "./support/world.ts";

type Log = { blockHash: string; blockNumber: string };
/** What a URL answers for logs of a range of blocks, and of one block by its hash. */
interface Twist {
  range?: (logs: Log[]) => Log[];
  block?: (logs: Log[]) => Log[];
}
const none = () => [];

describe("an indexer whose L2 URLs leave out logs", () => {
  let l2: FakeL2;
  let chain: TestChain;
  let nodeRpc: FakeRpc;
  let indexer: Indexer;
  const rpcs: FakeRpc[] = [];
  const twists: Twist[] = [{}, {}];
  let deposited = 5_000_000n;

  before(async () => {
    l2 = new FakeL2();
    chain = new TestChain(l2);
    for (const at of [0, 1])
      rpcs.push(
        await startFakeRpc((method, params) => {
          const answer = l2.answer(method, params);
          if (method !== "eth_getLogs") return answer;
          const twist = twists[at]?.["blockHash" in (params[0] as object) ? "block" : "range"];
          return twist ? twist(answer as Log[]) : answer;
        }),
      );
    nodeRpc = await startFakeNode(() => chain);
    const rpcUrls = rpcs.map(({ url }) => url);
    indexer = indexerOf(rpcUrls[0] as string, nodeRpc.url, [], { ...(await newStorage()), rpcUrls });
    await indexer.start();
    await follows();
  });
  after(async () => {
    await indexer.stop();
    for (const rpc of [...rpcs, nodeRpc]) await rpc.stop();
  });
  // back to the first one
  afterEach(async () => {
    for (const at of [0, 1]) twists[at] = {};
    const [, second] = rpcs as [FakeRpc, FakeRpc];
    second.down = true;
    await follows();
    second.down = false;
  });

  function deposit(): void {
    chain.deposit(CLIENT, 7n);
    deposited += 7n;
  }
  async function follows(): Promise<void> {
    deposit();
    await caughtUp({ indexer, l2, chain });
    const { account } = await get(indexer, `{ account(address: "${CLIENT}") { deposits } }`);
    assert.equal(account.deposits, String(deposited));
  }
  const asked = (at: number, by: "fromBlock" | "blockHash") =>
    (rpcs[at]?.calls.get("eth_getLogs") ?? []).filter((filter) => by in (filter as object)).length;

  it("goes to the next when one has logs of a block and did not give them", async () => {
    twists[0] = { range: none };
    const before = asked(1, "fromBlock");
    await follows();
    assert.ok(asked(1, "fromBlock") > before);
  });

  it("goes to the next when one gives none of a block, and the next has some", async () => {
    twists[0] = { range: none, block: none };
    const before = asked(1, "fromBlock");
    await follows();
    assert.ok(asked(1, "fromBlock") > before);
  });

  it("says so when all leave out logs, and loses none", async () => {
    twists.fill({ range: none });
    deposit();
    await until("it says so", async () => /ERR_L2_RESPONSE/.test((await ready(indexer)).reasons.join()));
    twists.fill({});
    await follows();
  });

  it("goes to the next when logs are of another block of that number", async () => {
    twists[0] = { range: (logs) => logs.map((log) => ({ ...log, blockHash: `0x${"66".repeat(32)}` })) };
    const before = asked(1, "fromBlock");
    await follows();
    assert.ok(asked(1, "fromBlock") > before);
  });

  it("stays with one whose bloom has a contract by chance, once nobody has logs of it", async () => {
    const [ranges, blocks] = [asked(1, "fromBlock"), asked(1, "blockHash")];
    l2.chance.set(l2.head + 1, ["slasher"]);
    await follows();
    assert.deepEqual([asked(1, "fromBlock") - ranges, asked(1, "blockHash") - blocks], [0, 1]);
  });

  it("stays with one whose bloom has a contract by chance while the others are away", async () => {
    (rpcs[1] as FakeRpc).down = true;
    l2.chance.set(l2.head + 1, ["slasher"]);
    await follows();
  });

  it("goes to the next after a jump of more blocks than every header is read of", async () => {
    // so that one query reaches over the jump
    l2.head = l2.finalized = l2.head + 6_000;
    await follows();
    // of a backend that lags by 20 blocks; nobody has logs of the last ones
    twists[0] = {
      range: (logs) => logs.filter(({ blockNumber }) => Number(blockNumber) <= l2.head - 20),
    };
    const before = asked(1, "fromBlock");
    l2.head += 290;
    deposit();
    l2.head = l2.finalized = l2.head + 10;
    await caughtUp({ indexer, l2, chain });
    const { account } = await get(indexer, `{ account(address: "${CLIENT}") { deposits } }`);
    assert.equal(account.deposits, String(deposited));
    assert.ok(asked(1, "fromBlock") > before);
  });

  it("reads no headers but those near the final block while it catches up", async () => {
    const headers = () =>
      (rpcs[0]?.calls.get("eth_getBlockByNumber") ?? []).filter((tag) => tag !== "finalized").length;
    const before = headers();
    l2.head = l2.finalized = l2.head + 5_000;
    await follows();
    assert.ok(headers() - before < 256 + 20, `${headers() - before}`);
  });
});
