import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_TRANSACTION_BYTES } from "#protocol/params/limits.ts";
import { toHex } from "#protocol/types/hex.ts";
import { TX } from "#protocol/types/transactions.ts";
import { TestNet } from "#test/node/chain/support/net.ts";
import { startRpc } from "#test/node/support/rpc.ts";
import { client, treasury } from "#test/node/transition/support/world.ts";

test("a malformed transaction gets its code over HTTP from the pool of a real chain, and a good one its id", async () => {
  const net = new TestNet();
  const [node] = await net.startAll();
  assert.ok(node);
  const { chain } = node;
  const rpc = await startRpc({ chain, pool: chain });
  const send = async (transaction: string) => {
    const response = await fetch(rpc.url, {
      method: "POST",
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "flk_send_txn", params: [transaction] }),
    });
    assert.equal(response.status, 200);
    return (await response.json()) as {
      result?: string;
      error?: { code: number; message: string; data: { code: string } };
    };
  };
  try {
    const body = { account: client.address, nonce: 0, to: treasury.address, amount: 1n };
    const good = client.sign(net.world.network, { kind: TX.transfer, body });
    const flipped = good.with(good.length - 10, (good[good.length - 10] ?? 0) ^ 1);
    const cases: [Uint8Array, string][] = [
      [new Uint8Array(0), "ERR_TX_MALFORMED"],
      [Uint8Array.of(1, 2, 3), "ERR_TX_MALFORMED"],
      [good.subarray(0, 20), "ERR_TX_MALFORMED"],
      [good.with(0, 250), "ERR_TX_UNKNOWN_KIND"],
      [flipped, "ERR_BAD_SIGNATURE"],
      [new Uint8Array(MAX_TRANSACTION_BYTES + 1_000), "ERR_TX_TOO_LARGE"],
    ];
    for (const [bytes, code] of cases) {
      const { error } = await send(toHex(bytes));
      assert.deepEqual([error?.code, error?.data.code], [-32000, code]);
      assert.ok(error?.message);
    }
    for await (const _ of node.store.iterate("pool")) assert.fail("something was kept");
    assert.match((await send(toHex(good))).result ?? "", /^0x[0-9a-f]{64}$/);
  } finally {
    await rpc.stop();
    await net.stop();
  }
});
