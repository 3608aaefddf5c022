import assert from "node:assert/strict";
import { test } from "node:test";
import { errorCode, isFlkError } from "#protocol/errors/error.ts";
import { TX } from "#protocol/types/transactions.ts";
import { client, treasury } from "#test/node/transition/support/world.ts";
import { TestNet } from "./support/net.ts";
import { SignedLog } from "./support/signed-log.ts";

const VICTIM = 2;

test("one write that fails, whichever it is, stops the node: nothing more is recorded or signed, though the disk works again", async () => {
  const make = () => {
    const net = new TestNet({ narwhal: true, nodes: 4, parameters: { epochLengthMs: 3_000n } });
    return { net, log: new SignedLog(net.hub) };
  };
  const probe = make().net;
  await probe.startAll([1, 2, 3, 4]);
  await probe.epochs(1);
  await probe.clock.advance(1_000);
  const total = probe.node(VICTIM).store.count;
  await probe.stop();
  assert.ok(total > 40, `${total} writes`);

  for (let failing = 0; failing < total; failing += 5) {
    const { net, log } = make();
    await net.startAll([1, 3, 4]);
    const node = await net.start(VICTIM);
    // the first writes are over when `start` resolves
    node.store.failing = node.store.count + failing;
    await net.until("the node stops", () => node.fatal.length > 0);
    assert.equal(errorCode(node.fatal[0]), "ERR_STORE");
    const { count } = node.store;
    const headers = log.headers.get(VICTIM);
    await net.clock.advance(2_000);
    assert.equal(node.store.count, count);
    // attestations that are on disk may still go out; a header that was recorded left at once
    assert.equal(log.headers.get(VICTIM), headers);
    assert.deepEqual(log.conflicts, []);
    await net.stop();
  }
});

test("a disk that fails under a client's transaction stops the node, too", async () => {
  const net = new TestNet();
  await net.startAll();
  const node = net.node(5);
  node.store.left = 0;
  const body = { account: client.address, nonce: 0, to: treasury.address, amount: 1n };
  const transaction = client.sign(net.world.network, { kind: TX.transfer, body });
  await assert.rejects(node.chain.submit(transaction), (error) => isFlkError(error, "ERR_STORE"));
  assert.equal(errorCode(node.fatal[0]), "ERR_STORE");
  await net.stop();
});
