import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import type { Indexer } from "#indexer/indexer.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { CLIENT, TestChain } from "./support/chain.ts";
import { FakeL2 } from "./support/fake-l2.ts";
import { startFakeNode } from "./support/fake-node.ts";
import type { FakeRpc } from "./support/fake-rpc.ts";
import { newStorage, onPostgres, type Storage } from "./support/storage.ts";
import { caughtUp, get, indexerOf, ready, until } from "./support/world.ts";

describe("an indexer on disk", () => {
  const l2 = new FakeL2();
  const chain = new TestChain(l2);
  let l2Rpc: FakeRpc;
  let nodeRpc: FakeRpc;
  let storage: Storage;
  let indexer: Indexer;
  const logged: { event: string; fresh?: unknown }[] = [];
  const make = (options: object = {}) =>
    indexerOf(l2Rpc.url, nodeRpc.url, logged, { ...storage, ...options });

  before(async () => {
    storage = await newStorage({ kept: true });
    l2Rpc = await l2.serve();
    nodeRpc = await startFakeNode(() => chain);
    l2.maxRange = 4;
    for (let i = 0; i < 5; i++) chain.block({ changes: [chain.pay(CLIENT, 10n)] });
    chain.close();
    indexer = make();
    await indexer.start();
    await caughtUp({ indexer, l2, chain });
  });
  after(async () => {
    await indexer.stop();
    await l2Rpc.stop();
    await nodeRpc.stop();
  });

  it("halves its log ranges until the L2 takes them", async () => {
    const { nodes } = await get(indexer, "{ nodes { totalCount } }");
    assert.equal(nodes.totalCount, 5);
  });

  it("keeps a second process out of its directory", { skip: onPostgres && "there is none" }, async () => {
    await assert.rejects(make().start(), (error) => isFlkError(error, "ERR_STORE_LOCKED"));
  });

  it("resumes where it stopped, without reading again what it has", async () => {
    await indexer.stop();
    const known = l2.finalized;
    for (const rpc of [l2Rpc, nodeRpc]) rpc.calls.clear();
    chain.block({ changes: [chain.pay(CLIENT, 7n)] });
    chain.deposit(CLIENT, 1n);
    indexer = make();
    await indexer.start();
    await caughtUp({ indexer, l2, chain });
    assert.deepEqual(new Set(nodeRpc.calls.get("flk_get_block_ssz")), new Set([6]));
    for (const filter of l2Rpc.calls.get("eth_getLogs") ?? []) {
      assert.ok(Number((filter as { fromBlock: string }).fromBlock) > known);
    }
    const { account } = await get(indexer, `{ account(address: "${CLIENT}") { balance deposits } }`);
    assert.deepEqual(account, { balance: "4999943", deposits: "5000001" });
    assert.equal(logged.findLast(({ event }) => event === "indexer_opened")?.fresh, false);
  });

  it("stops, and says so, when a final L2 block has changed", async () => {
    l2.salt = 1;
    chain.deposit(CLIENT, 1n);
    await until("it says so", async () => /ERR_L2_FORK/.test((await ready(indexer)).reasons.join()));
    // no round may see both chains: it would keep the hash of the one as the other's
    l2Rpc.down = true;
    await until("no round runs", async () =>
      /ERR_L2_UNREACHABLE/.test((await ready(indexer)).reasons.join()),
    );
    l2.salt = 0;
    l2Rpc.down = false;
    await caughtUp({ indexer, l2, chain });
  });

  it("tells a wrong chain id, and uses another URL while one fails", async () => {
    await indexer.stop();
    l2.chainId = 1;
    indexer = make();
    await indexer.start();
    await until("it says so", async () =>
      /ERR_L2_CHAIN_ID.*chain id 1, expected 31337/.test((await ready(indexer)).reasons.join()),
    );
    await indexer.stop();
    l2.chainId = 31_337;
    chain.deposit(CLIENT, 1n);
    indexer = make({ rpcUrls: ["http://127.0.0.1:9", l2Rpc.url] });
    await indexer.start();
    await caughtUp({ indexer, l2, chain });
  });

  it("indexes afresh what is of another network", async () => {
    await indexer.stop();
    logged.length = 0;
    indexer = make({ deployBlock: 0 });
    await indexer.start();
    assert.equal(logged.find(({ event }) => event === "indexer_opened")?.fresh, true);
    await caughtUp({ indexer, l2, chain });
  });

  it("names the port and the option when the port is in use", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    await indexer.stop();
    await assert.rejects(make({ port }).start(), (error) => {
      assert.ok(isFlkError(error, "ERR_PORT_IN_USE"));
      assert.match(error.message, new RegExp(`port ${port} .* indexer\\.port`));
      return true;
    });
    await new Promise((resolve) => other.close(resolve));
  });
});
