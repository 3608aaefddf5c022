import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { getAbiItem, toEventSelector } from "viem";
import type { Indexer } from "#indexer/indexer.ts";
import { bloomBits, readBloom } from "#indexer/sync/bloom.ts";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { mockUsdAbi } from "#protocol/abi/MockUSD.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { g1ToEip2537, g2ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { popMessage } from "#protocol/digests/settlement.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { startTestL2, type TestL2 } from "#test/contracts/support/l2.ts";
import { signerOf } from "./support/chain.ts";
import { type FakeRpc, startFakeRpc } from "./support/fake-rpc.ts";
import { newStorage } from "./support/storage.ts";
import { get, indexerOf, ready, until } from "./support/world.ts";

describe("an indexer on a real L2 with the real contracts", () => {
  let l2: TestL2;
  let node: FakeRpc;
  let indexer: Indexer;

  before(async () => {
    l2 = await startTestL2();
    node = await startFakeRpc(() => ({ height: -1, epoch: 0 }));
    const { deployment } = l2;
    indexer = indexerOf(l2.rpcUrl, node.url, [], {
      ...(await newStorage()),
      chainId: deployment.chainId,
      contracts: deployment,
      deployBlock: deployment.fromBlock,
    });
    await indexer.start();
  });
  after(async () => {
    await indexer.stop();
    await node.stop();
    await l2.stop();
  });

  it("reads deposits, nodes, services and parameters once they are final", async () => {
    const { deployment, client } = l2;
    const wallet = l2.wallet(7);
    const owner = wallet.account.address;
    const mined = async (hash: `0x${string}`) => void (await client.waitForTransactionReceipt({ hash }));
    const usd = { address: deployment.stable, abi: mockUsdAbi } as const;
    await mined(await wallet.writeContract({ ...usd, functionName: "mint", args: [owner, 1_234_567n] }));
    await mined(
      await wallet.writeContract({ ...usd, functionName: "approve", args: [deployment.vault, 1_234_567n] }),
    );
    const vault = { address: deployment.vault, abi: clientVaultAbi } as const;
    const deposit = await wallet.writeContract({
      ...vault,
      functionName: "deposit",
      args: [owner, 1_234_567n],
    });
    await mined(deposit);
    const { blockNumber } = await client.getTransactionReceipt({ hash: deposit });
    const has = readBloom((await client.getBlock({ blockNumber })).logsBloom);
    const deposited = toEventSelector(getAbiItem({ abi: clientVaultAbi, name: "Deposited" }));
    const values = [deployment.vault, deposited, deployment.staking];
    assert.deepEqual(
      values.map((value) => has?.(bloomBits(value))),
      [true, true, false],
    );
    const key = g1ToEip2537(signerOf(1).publicKey);
    const message = popMessage(fromHex(deployment.networkId), owner, key);
    await mined(
      await wallet.writeContract({
        address: deployment.staking,
        abi: nodeStakingAbi,
        functionName: "register",
        args: [
          toHex(key),
          toHex(g2ToEip2537(signerOf(1).sign(message))),
          toHex(new Uint8Array(32).fill(1)),
          "http://x",
        ],
      }),
    );
    for (let i = 0; i < 3; i++) {
      await mined(await wallet.writeContract({ ...usd, functionName: "mint", args: [owner, 1n] }));
    }
    await until(
      "the node is indexed",
      async () => (await get(indexer, "{ nodes { totalCount } }")).nodes.totalCount === 1,
    );
    const data = await get(
      indexer,
      `query ($owner: Address!) { account(address: $owner) { deposits roles depositHistory { nodes { amount from } } }
         node(id: 1) { owner consensusKey endpoints } services { nodes { id prices { commodity price } } } parameters { nodes { key value } } }`,
      { owner },
    );
    const lower = owner.toLowerCase();
    assert.deepEqual(data.account, {
      deposits: "1234567",
      roles: ["CLIENT", "OPERATOR"],
      depositHistory: { nodes: [{ amount: "1234567", from: lower }] },
    });
    assert.deepEqual(data.node, {
      owner: lower,
      consensusKey: toHex(signerOf(1).publicKey),
      endpoints: ["http://x"],
    });
    assert.equal(data.services.nodes[0].id, 0);
    assert.ok(data.services.nodes[0].prices.length > 0);
    assert.ok(data.parameters.nodes.some(({ key }: { key: string }) => key === "committeeSize"));
  });

  it("waits for the start of the network, and says so", async () => {
    assert.match((await ready(indexer)).reasons.join(), /ERR_L2_NOT_STARTED/);
  });
});
