import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, test } from "node:test";
import { multiaddr } from "@multiformats/multiaddr";
import { ed25519Signer } from "#crypto";
import { CHANNELS, type PeerRecord } from "#node/interface/network.ts";
import { encodeFrame, FRAME } from "#node/network/frames.ts";
import { createHost } from "#node/network/host.ts";
import { createNetwork } from "#node/network/network.ts";
import { FlkError, isFlkError } from "#protocol/errors/error.ts";
import { MAX_MESSAGE_BYTES } from "#protocol/params/limits.ts";
import { eventually } from "../support/eventually.ts";
import { RecordingMetrics, silentLogger } from "../support/recording.ts";

const seedOf = (nodeId: number) => new Uint8Array(32).fill(nodeId + 1);

function node(self: number, listen = "/ip4/127.0.0.1/tcp/0") {
  const metrics = new RecordingMetrics();
  const network = createNetwork({
    self,
    networkSeed: seedOf(self),
    listen: [listen],
    logger: silentLogger,
    metrics,
  });
  return { network, metrics };
}
type TestNode = ReturnType<typeof node>;

function record({ network }: TestNode): PeerRecord {
  const networkKey = ed25519Signer(seedOf(network.self)).publicKey;
  return { nodeId: network.self, networkKey, addresses: network.addresses() };
}

const running = new Set<TestNode>();
after(() => Promise.all([...running].map(({ network }) => network.stop())));

async function mesh(count: number): Promise<TestNode[]> {
  const nodes = Array.from({ length: count }, (_, i) => node(i + 1));
  for (const one of nodes) {
    running.add(one);
    await one.network.start();
  }
  const peers = nodes.map(record);
  for (const { network } of nodes) network.setPeers(peers);
  await eventually("all connected", () =>
    nodes.every(({ network }) => network.connected().length === count - 1),
  );
  return nodes;
}

async function stopAll(nodes: TestNode[]): Promise<void> {
  for (const one of nodes) {
    await one.network.stop();
    running.delete(one);
  }
}

const text = (value: string) => new TextEncoder().encode(value);
const OPTIONS = { timeoutMs: 5000 };

function three(nodes: TestNode[]): [TestNode, TestNode, TestNode] {
  return nodes as [TestNode, TestNode, TestNode];
}

test("messages of one channel arrive in the order they were sent, from the node that sent them", async () => {
  const nodes = await mesh(3);
  const [a, b, c] = three(nodes);
  const got: string[] = [];
  c.network.onMessage("consensus", async (from, message) => {
    if (got.length % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    got.push(`${from}:${new DataView(message.buffer, message.byteOffset).getUint32(0)}`);
  });
  const count = 500;
  for (let i = 0; i < count; i++) {
    const message = new Uint8Array(4 + (i % 2000));
    new DataView(message.buffer).setUint32(0, i);
    assert.ok(a.network.send(3, "consensus", message));
    assert.ok(b.network.send(3, "consensus", message));
  }
  await eventually("all messages", () => got.length === 2 * count);
  for (const from of [1, 2]) {
    const numbers = got.filter((line) => line.startsWith(`${from}:`)).map((line) => Number(line.slice(2)));
    assert.deepEqual(
      numbers,
      Array.from({ length: count }, (_, i) => i),
    );
  }
  await stopAll(nodes);
});

test("requests get their own answers, refusals carry the remote's code, and a handler may ask back", async () => {
  const nodes = await mesh(3);
  const [a, b] = three(nodes);
  b.network.onRequest("sync", async (from, request) => {
    const asked = new TextDecoder().decode(request);
    if (asked === "refuse") throw new FlkError("ERR_NOT_HERE", "secret detail");
    if (asked === "crash") throw new Error("secret detail");
    if (asked === "early") throw new FlkError("ERR_NOT_MEMBER", "secret detail");
    const back = await b.network.request(from, "sync", text("name?"), OPTIONS);
    return text(`${asked} ${new TextDecoder().decode(back)}`);
  });
  a.network.onRequest("sync", async () => text("a"));
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => a.network.request(2, "sync", text(`q${i}`), OPTIONS)),
  );
  assert.deepEqual(
    answers.map((answer) => new TextDecoder().decode(answer)),
    answers.map((_, i) => `q${i} a`),
  );
  const refused = (remoteCode: string) => (error: unknown) =>
    isFlkError(error, "ERR_REQUEST_REFUSED") &&
    error.data.remoteCode === remoteCode &&
    !error.message.includes("secret");
  await assert.rejects(a.network.request(2, "sync", text("refuse"), OPTIONS), refused("ERR_NOT_HERE"));
  await assert.rejects(a.network.request(2, "sync", text("crash"), OPTIONS), refused("ERR_INTERNAL"));
  await assert.rejects(a.network.request(2, "tx", text("nobody"), OPTIONS), refused("ERR_NO_HANDLER"));
  await assert.rejects(a.network.request(2, "sync", text("early"), OPTIONS), refused("ERR_NOT_MEMBER"));
  // honest peers are ahead and behind: only the first two are anybody's fault
  assert.equal(b.metrics.value("flk_network_blame_total", { peer: "1", reason: "handler_failed" }), 2);
  await stopAll(nodes);
});

test("a request without an answer ends with ERR_REQUEST_TIMEOUT, ERR_ABORTED or ERR_PEER_UNREACHABLE", async () => {
  const nodes = await mesh(2);
  const [a, b] = nodes as [TestNode, TestNode];
  let release = () => {};
  b.network.onRequest("sync", () => new Promise((resolve) => (release = () => resolve(text("late")))));
  await assert.rejects(a.network.request(2, "sync", text("x"), { timeoutMs: 50 }), {
    code: "ERR_REQUEST_TIMEOUT",
  });
  release();
  const aborter = new AbortController();
  const aborted = a.network.request(2, "sync", text("x"), { timeoutMs: 5000, signal: aborter.signal });
  aborter.abort();
  await assert.rejects(aborted, { code: "ERR_ABORTED" });
  await assert.rejects(a.network.request(9, "sync", text("x"), OPTIONS), { code: "ERR_PEER_UNREACHABLE" });
  assert.equal(a.network.send(9, "sync", text("x")), false);
  const cut = a.network.request(2, "sync", text("x"), OPTIONS);
  await Promise.all([assert.rejects(cut, { code: "ERR_PEER_UNREACHABLE" }), b.network.stop()]);
  await stopAll(nodes);
});

test("the largest message arrives, a larger one is refused before it leaves", async () => {
  const nodes = await mesh(2);
  const [a, b] = nodes as [TestNode, TestNode];
  const sizes: number[] = [];
  b.network.onMessage("batch", (_, message) => void sizes.push(message.length));
  b.network.onRequest("batch", async () => new Uint8Array(MAX_MESSAGE_BYTES + 1));
  for (let i = 0; i < 20; i++) {
    await eventually("room", () => a.network.send(2, "batch", new Uint8Array(MAX_MESSAGE_BYTES)));
  }
  await eventually("20 messages", () => sizes.length === 20);
  assert.ok(sizes.every((size) => size === MAX_MESSAGE_BYTES));
  const large = new Uint8Array(MAX_MESSAGE_BYTES + 1);
  assert.throws(() => a.network.send(2, "batch", large), { code: "ERR_MESSAGE_TOO_LARGE" });
  await assert.rejects(a.network.request(2, "batch", large, OPTIONS), { code: "ERR_MESSAGE_TOO_LARGE" });
  await assert.rejects(a.network.request(2, "batch", text("x"), OPTIONS), { code: "ERR_REQUEST_REFUSED" });
  await stopAll(nodes);
});

test("a slow reader costs the sender dropped messages, not memory, and loses nothing that was accepted", async () => {
  const nodes = await mesh(2);
  const [a, b] = nodes as [TestNode, TestNode];
  let open = () => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  let received = 0;
  b.network.onMessage("batch", async () => {
    await gate;
    received++;
  });
  let accepted = 0;
  for (let i = 0; i < 400; i++) {
    if (a.network.send(2, "batch", new Uint8Array(256 * 1024))) accepted++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  // a window of 2 MiB on the way and a queue of 4 MiB
  assert.ok(accepted >= 20 && accepted <= 24, `accepted ${accepted}`);
  assert.ok(a.network.queuedBytes(2) <= 4 * 1024 * 1024);
  assert.equal(a.metrics.value("flk_network_dropped_total"), 400 - accepted);
  assert.equal(b.metrics.value("flk_network_messages_total", { direction: "in" }), 7);
  b.network.onRequest("consensus", async () => text("other channels are not held up"));
  await a.network.request(2, "consensus", text("x"), OPTIONS);
  open();
  await eventually("all accepted messages", () => received === accepted);
  await stopAll(nodes);
});

test("a handler that throws costs the message and is counted against the peer", async () => {
  const nodes = await mesh(2);
  const [a, b] = nodes as [TestNode, TestNode];
  let handled = 0;
  b.network.onMessage("tx", (_, message) => {
    handled++;
    if (message[0] === 1) throw new Error("bad");
  });
  for (const value of [1, 2, 1]) a.network.send(2, "tx", Uint8Array.of(value));
  await eventually("3 messages", () => handled === 3);
  await eventually(
    "blame",
    () => b.metrics.value("flk_network_blame_total", { reason: "handler_failed" }) === 2,
  );
  assert.deepEqual(b.network.connected(), [1]);
  await stopAll(nodes);
});

test("a node that is not a peer is refused and counted, and one that is removed is disconnected", async () => {
  const nodes = await mesh(3);
  const [a, b, c] = three(nodes);
  const stranger = node(0);
  running.add(stranger);
  await stranger.network.start();
  stranger.network.setPeers([record(a)]);
  await eventually("refusal", () => a.metrics.value("flk_network_refused_total") > 0);
  await eventually("failed dial", () => stranger.metrics.value("flk_network_dial_failures_total") > 0);
  assert.deepEqual(stranger.network.connected(), []);
  a.network.setPeers([record(b)]);
  await eventually(
    "disconnected",
    () => c.network.connected().length === 1 && a.network.connected().length === 1,
  );
  assert.deepEqual(a.network.connected(), [2]);
  await stopAll([...nodes, stranger]);
});

test("a restarted peer is connected again, whichever side dials", async () => {
  const nodes = await mesh(3);
  const [a, b, c] = three(nodes);
  const connects: number[] = [];
  a.network.onConnect((nodeId) => void connects.push(nodeId));
  const address = record(b).addresses[0]?.replace(/\/p2p\/.*/, "") as string;
  await b.network.stop();
  await eventually("noticed", () => !a.network.connected().includes(2) && !c.network.connected().includes(2));
  const again = node(2, address);
  running.add(again);
  await again.network.start();
  again.network.setPeers(nodes.map(record).filter((peer) => peer.nodeId !== 2));
  await eventually(
    "connected",
    () => a.network.connected().length === 2 && c.network.connected().length === 2,
  );
  assert.deepEqual(connects, [2]);
  const got: string[] = [];
  again.network.onMessage("consensus", (from) => void got.push(String(from)));
  a.network.send(2, "consensus", text("x"));
  c.network.send(2, "consensus", text("x"));
  await eventually("messages", () => got.length === 2);
  await stopAll([a, c, again]);
});

test("both sides agree on one connection when they dial at the same time", async () => {
  const nodes = await mesh(2);
  const [a, b] = nodes as [TestNode, TestNode];
  const both = [record(a), record(b)];
  for (let round = 0; round < 5; round++) {
    for (const { network } of nodes) network.setPeers([]);
    for (const { network } of nodes) network.setPeers(both);
    await eventually("connected", async () => {
      if (a.network.connected().length + b.network.connected().length < 2) return false;
      b.network.onRequest("sync", async () => text("ok"));
      return a.network.request(2, "sync", text("x"), { timeoutMs: 500 }).then(
        () => true,
        () => false,
      );
    });
  }
  await stopAll(nodes);
});

test("hostile registry entries make only their own node unreachable", async () => {
  const a = node(1);
  running.add(a);
  await a.network.start();
  const key = ed25519Signer(seedOf(7)).publicKey;
  a.network.setPeers([
    { nodeId: 4, networkKey: new Uint8Array(3), addresses: ["/ip4/127.0.0.1/tcp/1"] },
    {
      nodeId: 5,
      networkKey: new Uint8Array(32).fill(255),
      addresses: ["x", "/unix/a", "/ip4/999.1.1.1/tcp/1"],
    },
    { nodeId: 6, networkKey: key, addresses: [] },
  ]);
  await eventually("dials failed", () => a.metrics.value("flk_network_dial_failures_total") >= 1);
  assert.deepEqual(a.network.connected(), []);
  await stopAll([a]);
});

test("a port in use is ERR_PORT_IN_USE naming the port and the option", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const { network } = node(1, `/ip4/127.0.0.1/tcp/${port}`);
  await assert.rejects(network.start(), (error) => {
    assert.ok(isFlkError(error, "ERR_PORT_IN_USE"));
    assert.equal(error.data.port, port);
    assert.match(error.message, new RegExp(`${port}.*network\\.listen`));
    return true;
  });
  await network.stop();
  await new Promise((resolve) => server.close(resolve));
});

/** A registered peer that speaks libp2p but not our protocol. */
async function hostile(target: TestNode, bytes: Uint8Array, sends = 1): Promise<void> {
  const host = await createHost({
    networkSeed: seedOf(66),
    listen: [],
    listenOption: "",
    isAllowed: () => true,
  });
  const networkKey = ed25519Signer(seedOf(66)).publicKey;
  target.network.setPeers([{ nodeId: 66, networkKey, addresses: [] }]);
  await host.start();
  const connection = await host.dial(target.network.addresses().map((address) => multiaddr(address)));
  const streams = [];
  for (const channel of CHANNELS) streams.push(await connection.newStream(`/flk/${channel}/1`));
  await eventually("connected", () => target.network.connected().includes(66));
  for (let i = 0; i < sends; i++) streams[0]?.send(bytes);
  await eventually("thrown out", () => target.network.connected().length === 0);
  target.network.setPeers([]);
  await host.stop();
}

test("bytes that are no frames, unknown frames, false acks and too much in flight cost a peer its connection", async () => {
  const a = node(1);
  running.add(a);
  await a.network.start();
  a.network.onMessage("consensus", () => new Promise(() => {}));
  const frame = (kind: number, id: number, size: number) => encodeFrame(kind, id, new Uint8Array(size));
  await hostile(a, new Uint8Array(64).fill(255));
  await hostile(a, frame(99, 0, 1));
  await hostile(a, frame(FRAME.ack, 1_000_000, 0));
  await hostile(a, frame(FRAME.message, 0, 500_000), 6);
  for (const reason of ["not_frames", "unknown_frame", "false_ack", "window_exceeded"]) {
    assert.equal(a.metrics.value("flk_network_blame_total", { peer: "66", reason }), 1, reason);
  }
  await stopAll([a]);
});

test("a pair connects when only the higher node id can reach the other", async () => {
  const [a, b] = [node(1), node(2)];
  for (const one of [a, b]) {
    running.add(one);
    await one.network.start();
  }
  a.network.setPeers([{ ...record(b), addresses: [] }]);
  b.network.setPeers([record(a)]);
  await eventually("connected", () => a.network.connected().length + b.network.connected().length === 2);
  await stopAll([a, b]);
});
