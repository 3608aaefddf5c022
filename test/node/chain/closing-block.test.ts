import assert from "node:assert/strict";
import { test } from "node:test";
import { MESSAGE_TAG } from "#node/chain/sync/wire.ts";
import { TestNet } from "./support/net.ts";

test("a member that missed the closing block gets it although a faulty member settles and does not attest", async () => {
  const net = new TestNet({ narwhal: true, nodes: 4 });
  const nodes = await net.startAll([1, 2, 3, 4]);
  const faulty = net.node(4).network;
  const send = faulty.send.bind(faulty);
  faulty.send = (to, channel, message) =>
    (channel === "consensus" && message[0] === MESSAGE_TAG.attestation) || send(to, channel, message);
  await net.clock.advance(9_000);
  net.hub.mute.add(4);
  const away = net.node(3);
  net.hub.leave(3);
  const settled = () => net.node(1).chain.settlement(0).then(Boolean);
  await net.until("the others have closed and settled the epoch", settled);
  assert.equal(away.chain.head().epoch, 0);
  net.hub.nodes.set(3, away.network);
  const arrived = () => nodes.every(({ chain }) => chain.head().epoch >= 1);
  await net.until("all in epoch 1", arrived, 30_000);
  await net.epochs(2);
  for (const { fatal } of nodes) assert.deepEqual(fatal, []);
  await net.stop();
});
