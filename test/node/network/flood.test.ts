import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ed25519Signer } from "#crypto";
import type { PeerRecord } from "#node/interface/network.ts";
import { createNetwork } from "#node/network/network.ts";
import { FlkError } from "#protocol/errors/error.ts";
import { eventually } from "../support/eventually.ts";
import { RecordingMetrics, silentLogger } from "../support/recording.ts";

const seedOf = (nodeId: number) => new Uint8Array(32).fill(nodeId + 101);

function node(self: number) {
  const metrics = new RecordingMetrics();
  const listen = ["/ip4/127.0.0.1/tcp/0"];
  return {
    metrics,
    network: createNetwork({ self, networkSeed: seedOf(self), listen, logger: silentLogger, metrics }),
  };
}
type Node = ReturnType<typeof node>;

const running: Node[] = [];
after(() => Promise.all(running.map(({ network }) => network.stop())));

async function three(): Promise<[Node, Node, Node]> {
  const nodes: [Node, Node, Node] = [node(1), node(2), node(3)];
  running.push(...nodes);
  for (const { network } of nodes) await network.start();
  const peers = nodes.map(({ network }): PeerRecord => {
    const networkKey = ed25519Signer(seedOf(network.self)).publicKey;
    return { nodeId: network.self, networkKey, addresses: network.addresses() };
  });
  for (const { network } of nodes) network.setPeers(peers);
  await eventually("connected", () => nodes.every(({ network }) => network.connected().length === 2));
  return nodes;
}

test("one peer that floods garbage is slowed down and counted; the honest pair goes on", async () => {
  const [a, b, flooder] = await three();
  const honest: number[] = [];
  let garbage = 0;
  a.network.onMessage("consensus", (from, message) => {
    if (from === 2) {
      honest.push(new DataView(message.buffer, message.byteOffset).getUint32(0));
      return;
    }
    garbage++;
    throw new FlkError("ERR_DECODE", "garbage");
  });
  let served = 0;
  a.network.onRequest("sync", async (from) => {
    if (from === 2) return Uint8Array.of(7);
    served++;
    throw new FlkError("ERR_DECODE", "garbage");
  });
  let flooding = true;
  let sent = 0;
  const flood = (async () => {
    while (flooding) {
      for (let i = 0; i < 500; i++) {
        if (flooder.network.send(1, "consensus", new Uint8Array(40).fill(i))) sent++;
        flooder.network.request(1, "sync", new Uint8Array(8), { timeoutMs: 1_000 }).catch(() => undefined);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();

  const started = Date.now();
  const count = 150;
  for (let i = 0; i < count; i++) {
    const message = new Uint8Array(200);
    new DataView(message.buffer).setUint32(0, i);
    assert.ok(b.network.send(1, "consensus", message));
    const answer = await b.network.request(1, "sync", Uint8Array.of(1), { timeoutMs: 5_000 });
    assert.deepEqual([...answer], [7]);
    await sleep(5);
  }
  await eventually("all that the honest peer said", () => honest.length === count);
  flooding = false;
  await flood;
  const seconds = (Date.now() - started) / 1000;
  assert.deepEqual(
    honest,
    Array.from({ length: count }, (_, i) => i),
  );
  assert.ok(sent > 1_500, `${sent} sent`);
  // a burst of 4,000 and 2,000 a second, 32 for each; requests have a tenth of that, and run up to their burst at once
  assert.ok(garbage <= (4_000 + 2_000 * (seconds + 1)) / 32 + 2, `${garbage} in ${seconds} s`);
  assert.ok(served <= (400 + 200 * (seconds + 1)) / 32 + 400, `${served} in ${seconds} s`);
  assert.ok(a.metrics.value("flk_network_limited_total", { peer: "3" }) > 0);
  assert.equal(a.metrics.value("flk_network_limited_total", { peer: "2", channel: "consensus" }), 0);
  assert.equal(a.metrics.value("flk_network_blame_total", { peer: "2" }), 0);
  assert.ok(a.metrics.value("flk_network_blame_total", { peer: "3", reason: "handler_failed" }) >= garbage);
  assert.ok(a.network.connected().includes(2));
});
