import assert from "node:assert/strict";
import { test } from "node:test";
import { settlementDigest } from "#protocol/digests/settlement.ts";
import { toHex } from "#protocol/types/hex.ts";
import { TX } from "#protocol/types/transactions.ts";
import { client, treasury } from "#test/node/transition/support/world.ts";
import { TestNet } from "./support/net.ts";

test("four members and a follower run three epochs to identical roots", async () => {
  const net = new TestNet({ deposits: [[client, 1_000_000n]] });
  const nodes = await net.startAll();
  const transfer = client.sign(net.world.network, {
    kind: TX.transfer,
    body: { account: client.address, nonce: 0, to: treasury.address, amount: 5n },
  });
  const id = await net.node(5).chain.submit(transfer);
  await net.epochs(3);
  await net.until("all settled on the L2", () => net.l2.settlements.length >= 3);

  for (const node of nodes) assert.deepEqual(node.fatal, [], `node ${node.nodeId}`);
  const common = Math.min(...nodes.map((node) => node.chain.head().height)) - 4;
  const blocks = await Promise.all(nodes.map((node) => node.chain.block(common)));
  const roots = blocks.map((block) => block && toHex(block.block.stateRoot));
  assert.equal(new Set(roots).size, 1);
  assert.notEqual(roots[0], undefined);
  for (const node of nodes) {
    assert.equal((await node.chain.receipt(id))?.status, 0, `node ${node.nodeId}`);
    assert.equal(node.chain.account(treasury.address)?.balance, 5n);
    const settled = await node.chain.settlement(1);
    assert.equal(
      settled && toHex(settlementDigest(settled.settlement)),
      toHex(settlementDigest((await nodes[0]?.chain.settlement(1))?.settlement ?? assert.fail())),
    );
    assert.equal((await node.chain.report(1))?.epoch, 1);
  }
  assert.deepEqual(
    net.l2.settlements.map(({ certificate }) => certificate.settlement.epoch),
    net.l2.settlements.map((_, i) => i),
  );
  await net.stop();
});
