import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createTestClient, http } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { configureHome, deploymentOf } from "#cli/config/deployment.ts";
import { type Home, resolveHome } from "#cli/config/home.ts";
import { type ChainFollower, createFollower } from "#cli/watch/follower.ts";
import { PostedReader } from "#cli/watch/posted.ts";
import { type WatchEvent, Watcher } from "#cli/watch/watcher.ts";
import { encryptAccountKey } from "#node/keys/web3-storage.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { mockUsdAbi } from "#protocol/abi/MockUSD.ts";
import { settlementDigest, toL2Settlement } from "#protocol/digests/settlement.ts";
import { toHex } from "#protocol/types/hex.ts";
import type { Settlement } from "#protocol/types/settlement.ts";
import { flk, PASSWORD } from "#test/cli/support.ts";
import { reachTime } from "#test/contracts/support/l2.ts";
import type { FakeRpc } from "#test/indexer/support/fake-rpc.ts";
import { eventually } from "#test/node/support/eventually.ts";
import { RecordingMetrics, silentLogger } from "#test/node/support/recording.ts";
import { ACTIVATION_DELAY, OTHER_HASH, WatchedNetwork, WITHDRAWN } from "./support/world.ts";

const GUARDIAN = mnemonicToAccount("test test test test test test test test test test test junk");
const HELD_VETO = 32;
/** Every field that a committee can post otherwise: the L2 takes one epoch only, and one settlement before it. */
const LIES: Partial<{ [field in keyof Settlement]: (honest: Settlement) => Settlement[field] }> = {
  closeTime: ({ closeTime }) => closeTime + 1,
  l2Number: ({ l2Number }) => l2Number + 1,
  l2Hash: () => OTHER_HASH,
  stateRoot: () => OTHER_HASH,
  payoutRoot: () => OTHER_HASH,
  balanceRoot: () => OTHER_HASH,
  reportHash: () => OTHER_HASH,
  totalBalances: ({ totalBalances }) => totalBalances + 1n,
  totalPayoutStable: ({ totalPayoutStable }) => totalPayoutStable + 1n,
  totalPayoutFlk: ({ totalPayoutFlk }) => totalPayoutFlk + 1n,
  slashListHash: () => OTHER_HASH,
  nextCommitteeHash: () => OTHER_HASH,
};

let net: WatchedNetwork;
let node: FakeRpc;
let honest: Settlement;
let next: Settlement;
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "flk-watch-"));
  net = await WatchedNetwork.start();
  honest = net.epoch();
  next = net.epoch();
  node = await net.serve();
});
after(async () => {
  await node?.stop();
  await net?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Takes back what the L2 did in `run`. */
async function onCopy(run: () => Promise<void>): Promise<void> {
  const l2 = createTestClient({ mode: "anvil", transport: http(net.l2.rpcUrl) });
  const id = await l2.snapshot();
  await run();
  await l2.revert({ id });
}

async function homeFor(name: string, nodeRpcUrl = node.url): Promise<Home> {
  const home = resolveHome(join(folder, name));
  const settings = { publicHost: "127.0.0.1", listenHost: "127.0.0.1", portOffset: 20_000, l2PollMs: 100 };
  const urls = { rpcUrls: [net.l2.rpcUrl], nodeRpcUrl };
  await configureHome(home, deploymentOf(net.l2.deployment), { ...settings, ...urls }, true);
  return home;
}

async function watchOnce(home: Home, ...more: string[]) {
  const { code, stdout, stderr } = await flk(["watch", "--once", "--json", "--home", home.root, ...more]);
  const events = stdout
    .split("\n")
    .filter(Boolean)
    .map((line): WatchEvent => JSON.parse(line));
  return { code, events, stderr };
}

describe("every field of a posted settlement", () => {
  let follower: ChainFollower;
  const fatal: unknown[] = [];

  before(async () => {
    const { chainId, fromBlock } = net.l2.deployment;
    follower = await createFollower({
      l2: {
        ...{ rpc_urls: [net.l2.rpcUrl], chain_id: chainId, deploy_block: fromBlock, poll_ms: 50 },
        ...{ poster_step_seconds: 0, contracts: deploymentOf(net.l2.deployment).contracts },
      },
      ...{ dir: join(folder, "follower"), nodeUrls: [node.url], logger: silentLogger },
      metrics: new RecordingMetrics(),
      onFatal: (error) => fatal.push(error),
    });
    await follower.start();
    await eventually("the epoch is recomputed", async () => (await follower.closed(0)) !== undefined);
  });
  after(() => follower?.stop());

  async function judge(settlement: Settlement): Promise<WatchEvent[]> {
    const events: WatchEvent[] = [];
    await onCopy(async () => {
      await net.post(settlement);
      const { client, deployment } = net.l2;
      const watcher = new Watcher({
        posted: new PostedReader({ public: client as never, contracts: deployment }, deployment.fromBlock),
        computed: async (epoch) => (await follower.closed(epoch))?.settlement,
        leftAt: () => undefined,
        marginSeconds: 60,
        report: (event) => events.push(event),
      });
      await watcher.round();
      await watcher.round();
    });
    return events;
  }

  it("agrees with what the chain gives when the committee is honest", async () => {
    const events = await judge(honest);
    const digest = toHex(settlementDigest(honest));
    assert.deepEqual(events, [{ event: "agrees", epoch: 0, digest }]);
  });

  for (const [field, lie] of Object.entries(LIES)) {
    it(`raises the alarm for another ${field}, once, and names it`, async () => {
      const posted = { ...honest, [field]: lie(honest as never) };
      const [event, ...more] = await judge(posted);
      assert.deepEqual(more, []);
      assert.ok(event?.event === "alarm" && event.reason === "differs");
      const name = field as keyof Settlement;
      assert.deepEqual(event.fields, [
        {
          field,
          posted: String(toL2Settlement(posted)[name]),
          computed: String(toL2Settlement(honest)[name]),
        },
      ]);
      assert.equal(event.pending, true);
    });
  }

  it("went on without trouble", () => assert.deepEqual(fatal, []));
});

describe("flk watch", () => {
  it("says that it agrees and ends with 0; a restart goes on from its own folder, with no node there", () =>
    onCopy(async () => {
      await net.post(honest);
      await net.post(next);
      const first = await watchOnce(await homeFor("honest"));
      const agreed = [0, [0, 1].map((epoch) => ["agrees", epoch])];
      assert.deepEqual(
        [first.code, first.events.map(({ event, epoch }) => [event, epoch])],
        agreed,
        first.stderr,
      );
      const second = await watchOnce(await homeFor("honest", "http://127.0.0.1:9"));
      const seen = second.events.map(({ event, epoch }) => [event, epoch]);
      assert.deepEqual([second.code, seen], agreed, second.stderr);
    }));

  it("vetoes with the guardian's key, once, and the money does not move", () =>
    onCopy(async () => {
      const posted = { ...honest, payoutRoot: OTHER_HASH };
      await net.post(posted);
      const key = GUARDIAN.getHdKey().privateKey ?? assert.fail();
      const [keystore, password] = [join(folder, "guardian.json"), join(folder, "password")];
      await writeFile(keystore, (await encryptAccountKey(key, PASSWORD, "light")).text);
      await writeFile(password, PASSWORD);
      const home = await homeFor("guardian");
      const guardian = ["--guardian", keystore, "--password-file", password];
      const first = await watchOnce(home, ...guardian);
      assert.equal(first.code, 1, first.stderr);
      assert.match(first.stderr, /^error ERR_WATCH_ALARM: /m);
      assert.deepEqual(
        first.events.map(({ event }) => event),
        ["alarm", "vetoed"],
      );
      assert.equal(await net.heldBy(0), HELD_VETO);
      const again = await watchOnce(home, ...guardian);
      assert.deepEqual([again.code, again.events.map(({ event }) => event)], [1, ["alarm"]]);

      const { client, deployment } = net.l2;
      const usd = { address: deployment.stable, abi: mockUsdAbi, functionName: "balanceOf" } as const;
      const inVault = () => client.readContract({ ...usd, args: [deployment.vault] });
      const before = await inVault();
      await reachTime(net.l2, posted.closeTime + 2000 * ACTIVATION_DELAY);
      const { settlement: address } = deployment;
      const activate = { address, abi: epochSettlementAbi, functionName: "activate" } as const;
      await assert.rejects(
        client.simulateContract({ ...activate, args: [toL2Settlement(posted)] }),
        /IsHeld/,
      );
      assert.equal(await inVault(), before);
    }));

  it("raises the alarm before activation when no node serves the chain", () =>
    onCopy(async () => {
      const silent = await net.serve(1);
      try {
        await net.post(honest);
        const home = await homeFor("silent", silent.url);
        await reachTime(net.l2, honest.closeTime + 1000 * (ACTIVATION_DELAY - 60));
        const { code, events } = await watchOnce(home, "--margin", "120");
        assert.equal(code, 1);
        const [event, ...more] = events;
        assert.deepEqual(more, []);
        assert.ok(event?.event === "alarm" && event.reason === "unavailable" && event.pending);
      } finally {
        await silent.stop();
      }
    }));

  it("asks another node when one serves what does not hold", () =>
    onCopy(async () => {
      await net.post(honest);
      const last = net.blocks[1] ?? assert.fail();
      const forged = { ...last, block: { ...last.block, time: last.block.time + 1 } };
      const liar = await net.serve(Number.POSITIVE_INFINITY, { 1: forged });
      try {
        const home = await homeFor("liar", liar.url);
        const urls = ["--node-rpc-url", liar.url, node.url];
        const { code, events, stderr } = await watchOnce(home, ...urls);
        assert.deepEqual([code, events.map(({ event }) => event)], [0, ["agrees"]], stderr);
      } finally {
        await liar.stop();
      }
    }));

  it("raises the alarm when the committee certifies a result that executing the block does not give", async () => {
    const corrupt = await WatchedNetwork.start();
    const liar = await corrupt.serve();
    try {
      corrupt.block({ stateRoot: OTHER_HASH });
      const settlement = { ...honest, previous: corrupt.opening, totalPayoutStable: WITHDRAWN };
      await corrupt.post(settlement);
      const home = resolveHome(join(folder, "corrupt"));
      const settings = {
        publicHost: "127.0.0.1",
        listenHost: "127.0.0.1",
        portOffset: 20_000,
        l2PollMs: 100,
      };
      const urls = { rpcUrls: [corrupt.l2.rpcUrl], nodeRpcUrl: liar.url };
      await configureHome(home, deploymentOf(corrupt.l2.deployment), { ...settings, ...urls });
      const { code, events, stderr } = await watchOnce(home);
      assert.equal(code, 1, stderr);
      const [event, ...more] = events;
      assert.deepEqual(more, []);
      assert.ok(event?.event === "alarm" && event.reason === "chain", stderr);
    } finally {
      await liar.stop();
      await corrupt.stop();
    }
  });
});
