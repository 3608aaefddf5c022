import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { CLIENT, TestChain } from "./support/chain.ts";
import { FakeL2 } from "./support/fake-l2.ts";
import { startFakeNode } from "./support/fake-node.ts";
import type { FakeRpc } from "./support/fake-rpc.ts";
import { newStorage, type Storage } from "./support/storage.ts";
import { caughtUp, get, indexerOf, until } from "./support/world.ts";

const program = fileURLToPath(new URL("./support/run-indexer.ts", import.meta.url));

describe("an indexer that is killed while it writes", () => {
  const l2 = new FakeL2();
  const chain = new TestChain(l2);
  let l2Rpc: FakeRpc;
  let nodeRpc: FakeRpc;
  let storage: Storage;
  let child: ChildProcess | undefined;

  before(async () => {
    storage = await newStorage({ kept: true });
    l2Rpc = await l2.serve();
    nodeRpc = await startFakeNode(() => chain);
    for (let epoch = 0; epoch < 8; epoch++) {
      for (let i = 0; i < 40; i++) chain.block({ changes: [chain.pay(CLIENT, 1n)] });
      chain.close();
    }
  });
  after(async () => {
    if (child?.exitCode === null) child.kill("SIGKILL");
    await l2Rpc.stop();
    await nodeRpc.stop();
  });

  it("has every block once after a restart, with the same balances", async () => {
    child = spawn(process.execPath, [program, l2Rpc.url, nodeRpc.url, JSON.stringify(storage)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const stdout = child.stdout as NodeJS.ReadableStream;
    await once(stdout, "data");
    await until(
      "it is in the middle",
      async () => (nodeRpc.calls.get("flk_get_block_ssz")?.length ?? 0) > 100,
    );
    child.kill("SIGKILL");
    await once(child, "exit");
    const before = Math.max(...(nodeRpc.calls.get("flk_get_block_ssz") as number[]));
    assert.ok(before < chain.blocks.length - 1, "it had not finished");

    const indexer = indexerOf(l2Rpc.url, nodeRpc.url, [], storage);
    await indexer.start();
    try {
      await caughtUp({ indexer, l2, chain });
      await until(
        "every epoch is final",
        async () => (await get(indexer, "{ epochs(final: true) { totalCount } }")).epochs.totalCount === 8,
      );
      const { blocks, account } = await get(
        indexer,
        `{ blocks { totalCount } account(address: "${CLIENT}") { balance } }`,
      );
      assert.equal(blocks.totalCount, chain.blocks.length);
      assert.equal(account.balance, String(5_000_000 - 8 * 40));
    } finally {
      await indexer.stop();
    }
  });
});
