import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createPublicClient, http } from "viem";
import { createEventDecoder } from "#indexer/sync/event-decoder.ts";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { startChain } from "#scripts/bench/indexer/chain.ts";
import { CONTRACTS } from "#scripts/bench/indexer/events.ts";
import { measure } from "#scripts/bench/indexer/measure.ts";
import { processUsage } from "#scripts/bench/support/process-usage.ts";

describe("the bench of the indexer", () => {
  it("makes a chain of as many events as it is told, that decode, and can replace its end", async () => {
    const chain = await startChain(400);
    try {
      const client = createPublicClient({ transport: http(chain.rpcUrl) });
      const count = async () => (await client.getLogs({ fromBlock: 0n, toBlock: "latest" })).length;
      assert.equal(await count(), 400);
      const decode = createEventDecoder(clientVaultAbi);
      const deposits = await client.getLogs({ address: CONTRACTS.vault, fromBlock: 0n });
      assert.ok(deposits.length > 50);
      for (const { topics, data } of deposits) assert.equal(decode(topics, data)?.eventName, "Deposited");
      await chain.emit(30, 10);
      assert.equal(await count(), 430);
      await chain.reorg(10);
      assert.equal(await count(), 400);
    } finally {
      await chain.stop();
    }
  });

  it("measures a database, a restart, a reorg and queries", async () => {
    const options = { databases: ["postgres"], rows: 1_000, requests: 20, peer: "none", flags: [] } as const;
    const { ours, peer, queries, equalRows } = await measure({ ...options, events: 300 });
    assert.deepEqual([peer, equalRows], [{}, null]);
    const run = ours.postgres;
    assert.ok(run && run.eventsPerS > 0 && run.restartSeconds > 0 && run.reorgSeconds > 0);
    assert.equal(ours.pglite, undefined);
    assert.equal(Object.keys(queries?.each ?? {}).length, 10);
  });

  it("reads what a process and its children used, where there is /proc", async (t) => {
    const usage = await processUsage(process.pid);
    if (process.platform !== "linux") return t.skip("no /proc");
    assert.ok(usage && usage.cpuSeconds > 0 && usage.peakRssBytes > 1e7);
    assert.equal(await processUsage(2 ** 30), undefined);
  });
});
