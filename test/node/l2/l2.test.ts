import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Store } from "#node/interface/store.ts";
import { createL2Poster } from "#node/l2/poster.ts";
import { createL2Reader, type L2ReaderOptions } from "#node/l2/reader.ts";
import { committeeHash, genesisDigest, settlementDigest } from "#protocol/digests/settlement.ts";
import { type FlkError, isFlkError } from "#protocol/errors/error.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import type { Settlement } from "#protocol/types/settlement.ts";
import { eventually } from "../support/eventually.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { RecordingMetrics, recordingLogger, silentLogger } from "../support/recording.ts";
import {
  CHAIN_ID,
  governance,
  networkKeyOf,
  POSTER_KEY,
  RpcProxy,
  START_TIME,
  signers,
  World,
} from "./world.ts";

let world: World;
before(async () => {
  world = await World.create();
});
after(() => world?.anvil.stop());

const running = new Set<{ stop(): Promise<void> }>();
after(() => Promise.all([...running].map((reader) => reader.stop())));

function reader(options: Partial<L2ReaderOptions> = {}, store: Store = new MemoryStore()) {
  const { staking, vault, parameters, services, settlement, auction, fromBlock } = world.deployment;
  const fatal: FlkError[] = [];
  const logger = recordingLogger();
  const metrics = new RecordingMetrics();
  const made = createL2Reader({
    rpcUrls: [world.anvil.url],
    chainId: CHAIN_ID,
    contracts: { staking, vault, parameters, services, settlement, auction },
    fromBlock,
    pollMs: 20,
    store,
    logger,
    metrics,
    onFatal: (error) => void fatal.push(error),
    ...options,
  });
  running.add(made);
  return { reader: made, fatal, logger, metrics };
}

async function withProxy(body: (proxy: RpcProxy) => Promise<void>): Promise<void> {
  const proxy = new RpcProxy(world.anvil.url);
  await proxy.start();
  try {
    await body(proxy);
  } finally {
    await proxy.stop();
  }
}

function only<Type extends L2Event["type"]>(events: L2Event[], type: Type) {
  return events.filter((event): event is Extract<L2Event, { type: Type }> => event.type === type);
}

async function finalBlock(number: number) {
  const block = await world.client.getBlock({ blockNumber: BigInt(number) });
  return { number, hash: fromHex(block.hash) };
}

test("genesis: the committee with its keys, the start time and the digest that contract and code agree on", async () => {
  await world.finalize();
  const { reader: l2 } = reader();
  await l2.start();
  const genesis = await l2.genesis(AbortSignal.timeout(20_000));
  assert.deepEqual(genesis.committee, world.committee(0));
  assert.equal(genesis.startTime, START_TIME);
  const hash = committeeHash(world.committee(0));
  const { number } = genesis.checkpoint;
  assert.deepEqual(genesis.digest, genesisDigest(world.network.networkId, hash, START_TIME, number));
  assert.deepEqual(genesis.checkpoint, await finalBlock(number));
  await l2.stop();
});

test("events: all of them, in order, with totals, up to the block that was asked for", async () => {
  const { reader: l2 } = reader();
  await l2.start();
  const { checkpoint } = await l2.genesis();
  const events = await l2.events(0, checkpoint);
  const registered = only(events, "nodeRegistered");
  assert.deepEqual(
    registered.map((event) => [event.nodeId, event.keyVersion, toHex(event.consensusKey), event.networkKey]),
    signers.map((signer, i) => [i + 1, 0, toHex(signer.publicKey), networkKeyOf(i + 1)]),
  );
  assert.equal(toHex(registered[0]?.owner as Uint8Array), governance.address.toLowerCase());
  assert.equal(registered[1]?.endpoints, "/ip4/127.0.0.1/tcp/4400,http://127.0.0.1:4420");
  assert.deepEqual(
    only(events, "stakeChanged").map(({ nodeId, staked, thawing }) => [nodeId, staked, thawing]),
    signers.map((_, i) => [i + 1, 1000n * 10n ** 18n * BigInt(i + 1), 0n]),
  );
  assert.deepEqual(only(events, "deposit"), [
    { type: "deposit", account: fromHex(governance.address), amount: 5_000_000n, total: 5_000_000n },
  ]);
  const parameters = new Map(only(events, "parameterSet").map(({ key, value }) => [key, value]));
  assert.equal(parameters.get("committeeSize"), 4n);
  assert.equal(parameters.get("l2Stride"), 2n);
  assert.equal(only(events, "serviceRegistered")[0]?.serviceId, 0);
  assert.deepEqual(
    only(events, "priceSet").map(({ serviceId, commodity }) => [serviceId, commodity]),
    [
      [0, 0],
      [0, 1],
    ],
  );

  await world.setEndpoints(2, "/ip4/127.0.0.1/tcp/9");
  await world.deposit(7n);
  const last = await finalBlock(await world.finalize());
  const later = await l2.events(checkpoint.number, last, AbortSignal.timeout(20_000));
  assert.deepEqual(later, [
    { type: "endpointsSet", nodeId: 2, endpoints: "/ip4/127.0.0.1/tcp/9" },
    { type: "deposit", account: fromHex(governance.address), amount: 7n, total: 5_000_007n },
  ]);
  assert.deepEqual(await l2.events(last.number, last), []);
  await l2.stop();
});

test("checkpoints: every multiple of the stride with its hash, none skipped, and the stride may change", async () => {
  const { reader: l2 } = reader();
  await l2.start();
  await l2.genesis();
  const last = (await finalBlock(await world.finalize())).number;
  await eventually("read", () => (l2.finalized()?.number ?? 0) >= last);
  const end = l2.finalized()?.number as number;
  for (const stride of [3, 2]) {
    const expected = [];
    for (let number = stride; number <= end; number += stride) expected.push(await finalBlock(number));
    await eventually("all hashes", () => l2.checkpoints(0, stride, 1000).length >= expected.length);
    assert.deepEqual(l2.checkpoints(0, stride, 1000).slice(0, expected.length), expected);
    assert.deepEqual(l2.checkpoints(stride, stride, 2), expected.slice(1, 3));
  }
  assert.deepEqual(l2.checkpoints(end + 1000, 2, 10), []);
  await l2.stop();
});

test("a restarted reader goes on from its database, also in another process's place", async () => {
  const store = new MemoryStore();
  const first = reader({}, store);
  await first.reader.start();
  const genesis = await first.reader.genesis();
  const before = await first.reader.events(0, genesis.checkpoint);
  await first.reader.stop();
  await withProxy(async (proxy) => {
    const ranges: unknown[] = [];
    proxy.rewrite = (method, result) => {
      if (method === "eth_getLogs") ranges.push(result);
      return result;
    };
    const second = reader({ rpcUrls: [proxy.url] }, store.clone());
    await second.reader.start();
    assert.deepEqual(await second.reader.genesis(), genesis);
    assert.deepEqual(await second.reader.events(0, genesis.checkpoint), before);
    assert.ok(ranges.every((logs) => (logs as unknown[]).length === 0));
    await second.reader.stop();
  });
});

test("a database of another network is refused with ERR_L2_NETWORK", async () => {
  const store = new MemoryStore();
  const first = reader({}, store);
  await first.reader.start();
  await first.reader.genesis();
  await first.reader.stop();
  const { staking, vault, parameters, services, auction } = world.deployment;
  const second = reader(
    { contracts: { staking, vault, parameters, services, auction, settlement: staking } },
    store,
  );
  await second.reader.start();
  await assert.rejects(second.reader.genesis(), { code: "ERR_L2_NETWORK" });
  assert.deepEqual(
    second.fatal.map(({ code }) => code),
    ["ERR_L2_NETWORK"],
  );
});

test("an L2 of another chain is ERR_L2_CHAIN_ID with both ids", async () => {
  const { reader: l2, fatal } = reader({ chainId: 10 });
  await l2.start();
  await assert.rejects(l2.genesis(), (error) => {
    assert.ok(isFlkError(error, "ERR_L2_CHAIN_ID"));
    assert.deepEqual([error.data.expected, error.data.got], [10, CHAIN_ID]);
    assert.match(error.message, /31337.*10/);
    return true;
  });
  assert.equal(fatal.length, 1);
  await l2.stop();
});

test("a block that the network agreed on with another hash is ERR_L2_FORK", async () => {
  const { reader: l2 } = reader();
  await l2.start();
  const { checkpoint } = await l2.genesis();
  const other = { number: checkpoint.number, hash: new Uint8Array(32) };
  await assert.rejects(l2.events(0, other), { code: "ERR_L2_FORK" });
  await l2.stop();
});

test("an RPC that stops answering is waited for, said once, and read on from when it is back", async () => {
  await withProxy(async (proxy) => {
    const { reader: l2, fatal, logger, metrics } = reader({ rpcUrls: [proxy.url] });
    await l2.start();
    const { checkpoint } = await l2.genesis();
    await proxy.stop();
    await eventually("noticed", () => l2.unreachableSince() !== undefined);
    const since = l2.unreachableSince() as number;
    await world.deposit(11n);
    const last = await finalBlock(await world.finalize());
    const waiting = l2.events(checkpoint.number, last, AbortSignal.timeout(30_000));
    // more than one retry, so that the second must not log again
    await eventually("retries", () => Date.now() - since > 1800);
    assert.equal(metrics.value("flk_l2_reachable"), 0);
    await proxy.start();
    const deposits = only(await waiting, "deposit");
    assert.equal(deposits.at(-1)?.amount, 11n);
    await eventually("recovered", () => l2.unreachableSince() === undefined);
    const said = logger.lines.map(({ event }) => event).filter((event) => event.includes("reachable"));
    assert.deepEqual(said, ["l2.unreachable", "l2.reachable"]);
    assert.deepEqual(fatal, []);
    await l2.stop();
  });
});

test("waiting ends with ERR_ABORTED when it is given up and when the reader stops", async () => {
  await withProxy(async (proxy) => {
    proxy.hangs = true;
    const { reader: l2 } = reader({ rpcUrls: [proxy.url] });
    await l2.start();
    await assert.rejects(l2.genesis(AbortSignal.timeout(50)), { code: "ERR_ABORTED" });
    const waiting = l2.genesis();
    await Promise.all([assert.rejects(waiting, { code: "ERR_ABORTED" }), proxy.stop().then(() => l2.stop())]);
  });
});

test("two RPCs that agree are read as one, two that disagree stop the reader with ERR_L2_DISAGREE", async () => {
  await withProxy(async (proxy) => {
    const agreeing = reader({ rpcUrls: [world.anvil.url, proxy.url] });
    await agreeing.reader.start();
    await agreeing.reader.genesis();
    await agreeing.reader.stop();

    proxy.rewrite = (method, result) => (method === "eth_getLogs" ? (result as unknown[]).slice(1) : result);
    const lying = reader({ rpcUrls: [world.anvil.url, proxy.url] });
    await lying.reader.start();
    await assert.rejects(lying.reader.genesis(), { code: "ERR_L2_DISAGREE" });
    assert.deepEqual(
      lying.fatal.map(({ code }) => code),
      ["ERR_L2_DISAGREE"],
    );
    await lying.reader.stop();

    proxy.rewrite = (method, result) =>
      method === "eth_getBlockByNumber" ? { ...(result as object), hash: `0x${"11".repeat(32)}` } : result;
    const forked = reader({ rpcUrls: [world.anvil.url, proxy.url] });
    await forked.reader.start();
    await assert.rejects(forked.reader.genesis(), { code: "ERR_L2_DISAGREE" });
    await forked.reader.stop();
  });
});

test("a disagreement that passes is not believed", async () => {
  await withProxy(async (proxy) => {
    let lies = 2;
    proxy.rewrite = (method, result) => (method === "eth_getLogs" && lies-- > 0 ? [] : result);
    const { reader: l2, fatal } = reader({ rpcUrls: [world.anvil.url, proxy.url] });
    await l2.start();
    await l2.genesis(AbortSignal.timeout(20_000));
    assert.deepEqual(fatal, []);
    await l2.stop();
  });
});

test("without a finalized tag, confirmations decide", async () => {
  const head = Number(await world.client.getBlockNumber());
  const { reader: l2 } = reader({ finality: { confirmations: 2 } });
  await l2.start();
  await eventually("read", () => l2.finalized() !== undefined);
  await eventually("end", () => l2.finalized()?.number === head - 2);
  await l2.stop();
});

function poster(privateKey: `0x${string}` = POSTER_KEY) {
  const { settlement, fromBlock } = world.deployment;
  return createL2Poster({
    rpcUrls: [world.anvil.url],
    chainId: CHAIN_ID,
    settlement,
    fromBlock,
    privateKey,
    logger: silentLogger,
  });
}

/** What the tests below posted, each after the one before. */
let first: Settlement | undefined;
let newest: Settlement | undefined;

test("settlements: posted once, someone else's is not an error, another one of the epoch is", async () => {
  const l2 = poster();
  assert.equal(await l2.lastSettledEpoch(), -1);
  const genesis = await world.latestDigest();
  const certificate = world.certificate(0, genesis, [0, 1, 3]);
  const posted = await l2.settle(certificate, undefined);
  first = certificate.settlement;
  assert.match(posted?.txHash ?? "", /^0x[0-9a-f]{64}$/);
  assert.ok(posted && posted.gasUsed > 100_000n && posted.gasUsed < 1_000_000n);
  assert.equal(await l2.lastSettledEpoch(), 0);
  assert.deepEqual(await world.latestDigest(), settlementDigest(certificate.settlement));
  assert.equal(await l2.settle(certificate, undefined), undefined);
  const other = world.certificate(0, genesis, [0, 1, 2, 3], 2n);
  await assert.rejects(l2.settle(other, undefined), { code: "ERR_L2_OTHER_SETTLEMENT" });
});

test("settlements: of two posters at once, one transaction counts", async () => {
  const certificate = world.certificate(1, await world.latestDigest(), [0, 1, 2, 3]);
  assert.ok(await poster().settle(certificate, first));
  const [a, b] = [poster(), poster("0x92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e")];
  const next = world.certificate(2, await world.latestDigest(), [1, 2, 3]);
  const both = await Promise.all([
    a.settle(next, certificate.settlement),
    b.settle(next, certificate.settlement),
  ]);
  assert.equal(both.filter((result) => result !== undefined).length, 1);
  newest = next.settlement;
});

test("settlements: what the contract refuses is ERR_L2_SETTLE with the contract's error", async () => {
  const l2 = poster();
  const latest = await world.latestDigest();
  const before = newest;
  const refusal = (reason: string) => (error: unknown) =>
    isFlkError(error, "ERR_L2_SETTLE") && error.data.reason === reason;
  await assert.rejects(l2.settle(world.certificate(3, latest, [0, 1]), before), refusal("QuorumNotReached"));
  await assert.rejects(l2.settle(world.certificate(4, latest, [0, 1, 2]), before), refusal("WrongEpoch"));
  await assert.rejects(
    l2.settle(world.certificate(3, new Uint8Array(32), [0, 1, 2]), before),
    refusal("WrongPrevious"),
  );
  const certificate = world.certificate(3, latest, [0, 1, 2]);
  const swapped = { ...certificate, signature: world.certificate(4, latest, [0, 1, 2]).signature };
  await assert.rejects(l2.settle(swapped, before), refusal("InvalidSignature"));
  assert.equal(await l2.lastSettledEpoch(), 2);
  const poor = poster(`0x${"47e1".padStart(64, "0")}`);
  await assert.rejects(poor.settle(certificate, before), { code: "ERR_L2_SETTLE" });
});
