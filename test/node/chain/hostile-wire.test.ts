import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ed25519Signer } from "#crypto";
import { createChain } from "#node/chain/chain.ts";
import { CERTIFICATES_TAG, FetchRequest } from "#node/chain/narwhal/certificate-server.ts";
import { createEpochConsensus, DEFAULT_TIMING } from "#node/chain/narwhal/epoch-consensus.ts";
import { BATCH_TAG } from "#node/chain/narwhal/worker.ts";
import { ForwardRequest, ForwardResponse, Head, MESSAGE_TAG, SYNC_TAG } from "#node/chain/sync/wire.ts";
import { TAG } from "#node/consensus/wire.ts";
import type { Channel } from "#node/interface/network.ts";
import { createNetwork } from "#node/network/network.ts";
import { receiptStatus } from "#protocol/errors/codes.ts";
import { FlkError, isFlkError } from "#protocol/errors/error.ts";
import { decode } from "#protocol/types/codec.ts";
import { Batch } from "#protocol/types/consensus.ts";
import { TX } from "#protocol/types/transactions.ts";
import { eventually } from "#test/node/support/eventually.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";
import { RecordingMetrics, silentLogger } from "#test/node/support/recording.ts";
import { client, treasury } from "#test/node/transition/support/world.ts";
import { FakeReader } from "./support/fake-l2.ts";
import { mockSigner, mockVerifier } from "./support/mock-crypto.ts";
import { TestNet } from "./support/net.ts";

/** of the committee of one, and who is not in it */
const SELF = 1;
const PEER = 2;
/** follows a committee that PEER is in */
const FOLLOWER = 5;
const REJECTED = "flk_rejected_messages_total";
const BLAMED = "flk_network_blame_total";

function host(self: number) {
  const networkSeed = new Uint8Array(32).fill(self + 1);
  const metrics = new RecordingMetrics();
  const listen = ["/ip4/127.0.0.1/tcp/0"];
  const network = createNetwork({ self, networkSeed, listen, logger: silentLogger, metrics });
  const record = () => ({
    nodeId: self,
    networkKey: ed25519Signer(networkSeed).publicKey,
    addresses: network.addresses(),
  });
  return { network, metrics, record };
}

/** The chain of a committee of one, or of a node that follows one of four, on a real host, and a peer's host that says what the test wants. */
async function connected(self = SELF) {
  const net = new TestNet({ nodes: self, narwhal: true });
  const node = host(self);
  const peer = host(PEER);
  const hosts = [node, peer];
  after(() => Promise.all(hosts.map(({ network }) => network.stop())));
  for (const { network } of hosts) await network.start();
  const records = hosts.map(({ record }) => record());
  for (const { network } of hosts) network.setPeers(records);
  await eventually("connected", () => hosts.every(({ network }) => network.connected().length === 1));
  const fatal: unknown[] = [];
  const { network } = node;
  const chain = createChain({
    context: net.world.network,
    self,
    signers: [mockSigner(net.world.node(self).consensus.publicKey)],
    verifier: mockVerifier,
    // the registry of this world has no addresses
    network: {
      self,
      setPeers: () => undefined,
      connected: () => network.connected(),
      send: (...args) => network.send(...args),
      request: (...args) => network.request(...args),
      onMessage: (...args) => network.onMessage(...args),
      onRequest: (...args) => network.onRequest(...args),
      onConnect: (...args) => network.onConnect(...args),
    },
    store: new MemoryStore(),
    clock: net.clock,
    l2: new FakeReader(net.l2),
    logger: silentLogger,
    metrics: node.metrics,
    timing: DEFAULT_TIMING,
    posterStepMs: 1_000,
    createConsensus: createEpochConsensus,
    onFatal: (error) => void fatal.push(error),
  });
  await chain.start();
  /** Both clocks go on: that of the chain and that of the sockets. */
  const until = (what: string, condition: () => boolean | Promise<boolean>) =>
    eventually(what, async () => {
      await net.clock.advance(20);
      return condition();
    });
  const ask = async (channel: Channel, message: Uint8Array) => {
    let answer: Uint8Array | undefined;
    let failure: unknown;
    peer.network
      .request(self, channel, message, { timeoutMs: 10_000 })
      .then((bytes) => {
        answer = bytes;
      })
      .catch((error: unknown) => {
        failure = error;
      });
    await until("answered", () => answer !== undefined || failure !== undefined);
    if (!answer) throw failure;
    return answer;
  };
  const stop = async () => {
    const stopping = chain.stop();
    await net.clock.advance(10_000);
    await stopping;
    for (const one of hosts) await one.network.stop();
  };
  const blamed = () => node.metrics.value(BLAMED, { peer: String(PEER), reason: "handler_failed" });
  return { net, node, peer, chain, fatal, until, ask, stop, blamed };
}

const refused = (code: string) => (error: unknown) =>
  error instanceof FlkError && isFlkError(error, "ERR_REQUEST_REFUSED") && error.data.remoteCode === code;

const batchOf = (epoch: number, author: number) =>
  Uint8Array.of(
    BATCH_TAG.store,
    ...Batch.serialize({ epoch, author, worker: 0, sequence: 1, transactions: [new Uint8Array(300)] }),
  );
const certificatesOf = (epoch: number) =>
  Uint8Array.of(CERTIFICATES_TAG, ...FetchRequest.serialize({ epoch, after: 0, have: [] }));
const batchFetch = Uint8Array.of(BATCH_TAG.fetch, 0, ...new Uint8Array(32).fill(7));

test("malformed transactions, messages and requests over real sockets are refused and counted, and the node goes on", async () => {
  const { net, node, peer, chain, fatal, until, ask, stop, blamed } = await connected();
  await until("blocks", () => chain.head().height > 1);
  const rejected = (reason: string) => node.metrics.value(REJECTED, { reason });
  const body = { account: client.address, nonce: 0, to: treasury.address, amount: 7n };
  const good = client.sign(net.world.network, { kind: TX.transfer, body });

  // one bad transaction costs itself only
  const answers = ForwardResponse.deserialize(
    await ask("tx", ForwardRequest.serialize([good.subarray(0, 40), good, new Uint8Array(300).fill(7)])),
  );
  const malformed = receiptStatus("ERR_TX_MALFORMED");
  assert.equal(answers[0], malformed);
  assert.equal(answers[1], 0);
  assert.notEqual(answers[2], 0);
  assert.equal(rejected("ERR_TX_MALFORMED") >= 1, true);
  assert.equal(blamed(), 0);

  const requests: [Channel, number[], string][] = [
    ["tx", [9, 9, 9], "ERR_DECODE"],
    ["sync", [SYNC_TAG.blocks, 1], "ERR_DECODE"],
    ["sync", [SYNC_TAG.settlement], "ERR_DECODE"],
    ["sync", [CERTIFICATES_TAG, 1, 2, 3], "ERR_DECODE"],
    ["sync", [0x7f], "ERR_DECODE"],
    ["sync", [], "ERR_DECODE"],
    ["batch", [BATCH_TAG.store, 1, 2], "ERR_DECODE"],
  ];
  for (const [at, [channel, bytes, code]] of requests.entries()) {
    await assert.rejects(ask(channel, Uint8Array.from(bytes)), refused(code), `${channel} ${bytes}`);
    assert.equal(blamed(), at + 1);
  }
  const before = { decode: rejected("ERR_DECODE"), blamed: blamed() };
  const messages = [
    [TAG.header, 1, 2, 3],
    [TAG.vote],
    [TAG.certificate, ...new Uint8Array(500)],
    [MESSAGE_TAG.attestation, 5],
    [MESSAGE_TAG.settlementShare],
    [MESSAGE_TAG.head, 1],
  ];
  for (const bytes of messages) assert.ok(peer.network.send(SELF, "consensus", Uint8Array.from(bytes)));
  peer.network.send(SELF, "consensus", new Uint8Array());
  await until("all counted", () => blamed() === before.blamed + messages.length);
  assert.equal(rejected("ERR_DECODE"), before.decode + messages.length);

  // the node orders, answers and executes as before
  const { height } = chain.head();
  await until("more blocks", () => chain.head().height > height + 2);
  await until("the transfer", () => chain.account(treasury.address)?.balance === 7n);
  const head = decode(Head, await ask("sync", Uint8Array.of(SYNC_TAG.head)));
  assert.ok(head.certified > height);
  assert.deepEqual(node.network.connected(), [PEER]);
  assert.deepEqual(fatal, []);
  await stop();
});

test("a peer of an epoch that a member is not in yet is refused without blame, one that forges its place in this epoch is blamed", async () => {
  const { chain, until, ask, stop, blamed } = await connected();
  await until("blocks", () => chain.head().height > 1);
  const { epoch } = chain.head();
  const honest: [Channel, Uint8Array, string][] = [
    ["batch", batchOf(epoch + 1, PEER), "ERR_EPOCH_FOREIGN"],
    ["batch", batchFetch, "ERR_NOT_MEMBER"],
    ["sync", certificatesOf(epoch + 1), "ERR_EPOCH_FOREIGN"],
  ];
  for (const [channel, bytes, code] of honest) await assert.rejects(ask(channel, bytes), refused(code), code);
  assert.equal(blamed(), 0);
  const forged: [Channel, Uint8Array][] = [
    ["batch", batchOf(epoch, PEER)],
    ["batch", batchOf(epoch, SELF)],
    ["sync", certificatesOf(epoch)],
  ];
  for (const [at, [channel, bytes]] of forged.entries()) {
    await assert.rejects(ask(channel, bytes), refused("ERR_MESSAGE_SENDER"));
    assert.equal(blamed(), at + 1);
  }
  await stop();
});

test("a node that is in no committee refuses what members are asked without blame", async () => {
  const { net, node, chain, ask, stop, blamed } = await connected(FOLLOWER);
  const body = { account: client.address, nonce: 0, to: treasury.address, amount: 7n };
  const good = client.sign(net.world.network, { kind: TX.transfer, body });
  const { epoch } = chain.head();
  const honest: [Channel, Uint8Array, string][] = [
    ["tx", ForwardRequest.serialize([good]), "ERR_NOT_MEMBER"],
    ["batch", batchOf(epoch, PEER), "ERR_NO_HANDLER"],
    ["batch", batchFetch, "ERR_NO_HANDLER"],
    ["sync", certificatesOf(epoch), "ERR_TAG_UNKNOWN"],
  ];
  for (const [channel, bytes, code] of honest) await assert.rejects(ask(channel, bytes), refused(code), code);
  assert.equal(node.metrics.value(REJECTED, { reason: "ERR_NOT_MEMBER" }), 1);
  assert.equal(blamed(), 0);
  await assert.rejects(ask("tx", Uint8Array.of(9, 9, 9)), refused("ERR_DECODE"));
  assert.equal(blamed(), 1);
  await stop();
});
