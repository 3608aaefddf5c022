import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ed25519Signer } from "#crypto";
import { createNetwork } from "#node/network/network.ts";
import { eventually } from "../support/eventually.ts";
import { RecordingMetrics, recordingLogger } from "../support/recording.ts";

const seedOf = (nodeId: number) => new Uint8Array(32).fill(nodeId + 1);
const keyOf = (nodeId: number) => ed25519Signer(seedOf(nodeId)).publicKey;

function node(self: number) {
  const metrics = new RecordingMetrics();
  const logger = recordingLogger();
  const listen = ["/ip4/127.0.0.1/tcp/0"];
  const network = createNetwork({ self, networkSeed: seedOf(self), listen, logger, metrics });
  return { network, metrics, logger };
}

const nodes = [node(1), node(2)] as const;
after(() => Promise.all(nodes.map(({ network }) => network.stop())));

test("a node that registers the network key of an earlier one does not take its identity, and is reported once", async () => {
  const [a, b] = nodes;
  for (const { network } of nodes) await network.start();
  const honest = { nodeId: 2, networkKey: keyOf(2), addresses: b.network.addresses() };
  const thief = { ...honest, nodeId: 9 };
  b.network.setPeers([{ nodeId: 1, networkKey: keyOf(1), addresses: a.network.addresses() }]);
  const froms: number[] = [];
  a.network.onMessage("consensus", (from) => void froms.push(from));
  for (const peers of [
    [honest, thief],
    [thief, honest],
  ]) {
    a.network.setPeers(peers);
    await eventually("connected", () => a.network.connected().length === 1);
    assert.deepEqual(a.network.connected(), [2]);
  }
  await eventually("b is connected", () => b.network.connected().length === 1);
  b.network.send(1, "consensus", Uint8Array.of(1));
  await eventually("a message", () => froms.length === 1);
  assert.deepEqual(froms, [2]);
  assert.equal(a.metrics.value("flk_network_duplicate_keys_total"), 1);
  const logged = a.logger.lines.filter(({ event }) => event === "network.duplicate_key");
  assert.deepEqual(
    logged.map(({ level, fields }) => [level, fields]),
    [["warn", { nodeId: 9, keeper: 2 }]],
  );
});

test("when the earlier node is gone, the key is the later one's", async () => {
  const [a, b] = nodes;
  const later = { nodeId: 9, networkKey: keyOf(2), addresses: b.network.addresses() };
  a.network.setPeers([later]);
  await eventually("connected as 9", () => a.network.connected().includes(9));
  assert.deepEqual(a.network.connected(), [9]);
});
