import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Abi, stringToHex } from "viem";
import type { Indexer } from "#indexer/indexer.ts";
import { buybackAuctionAbi } from "#protocol/abi/BuybackAuction.ts";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { flkAbi } from "#protocol/abi/FLK.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { protocolParametersAbi } from "#protocol/abi/ProtocolParameters.ts";
import { ackStatus } from "#protocol/errors/codes.ts";
import { PARAMETER_KEYS } from "#protocol/params/keys.ts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import { Rng } from "#scripts/bench/support/rng.ts";
import { startFakeNode } from "./support/fake-node.ts";
import type { FakeRpc } from "./support/fake-rpc.ts";
import { CLIENTS, RandomHistory } from "./support/random-history.ts";
import { RealChain } from "./support/real-chain.ts";
import { newEmbedded, newPostgres, type Storage } from "./support/storage.ts";
import { get, indexerOf, ready, until } from "./support/world.ts";

const SEED = 7;
const STEPS = 200;
const EPOCHS = 5;

type Row = Record<string, string>;

describe(`after ${STEPS} random steps on real contracts and in real blocks, seed ${SEED}`, () => {
  let chain: RealChain;
  let node: FakeRpc;
  /** one of each database */
  const indexers: Indexer[] = [];

  before(async () => {
    chain = await RealChain.start();
    await run();
    node = await startFakeNode(() => chain);
    for (const storage of [await newEmbedded(), await newPostgres()]) await follow(storage);
    for (const indexer of indexers) await hasAll(indexer);
  });
  after(async () => {
    for (const indexer of indexers) await indexer.stop();
    await node?.stop();
    await chain?.stop();
  });

  async function follow(storage: Storage): Promise<void> {
    const { deployment, rpcUrl } = chain.l2;
    const indexer = indexerOf(rpcUrl, node.url, [], {
      ...storage,
      chainId: deployment.chainId,
      contracts: { ...deployment, access_manager: deployment.accessManager },
      deployBlock: deployment.fromBlock,
    });
    indexers.push(indexer);
    await indexer.start();
  }

  async function hasAll(indexer: Indexer): Promise<void> {
    let seen: unknown;
    const all = async () => {
      seen = {
        ...(await get(indexer, "{ epochs(final: true) { totalCount } _meta { height } }")),
        ...(await ready(indexer)),
      };
      const { epochs, _meta, status } = seen as { epochs: Row; _meta: Row; status: number };
      return (
        Number(epochs.totalCount) === EPOCHS &&
        Number(_meta.height) === chain.blocks.length - 1 &&
        status === 200
      );
    };
    await until(() => JSON.stringify(seen), all, 60_000);
  }

  /** The answer of both, which is one. */
  async function ask(query: string): ReturnType<typeof get> {
    const [first, ...rest] = await Promise.all(indexers.map((indexer) => get(indexer, query)));
    for (const other of rest) assert.deepEqual(other, first, query);
    return first;
  }

  async function run(): Promise<void> {
    const history = new RandomHistory(chain, new Rng(SEED));
    for (const { address } of CLIENTS) await chain.outside.deposit(address, 3_000n);
    await chain.block();
    const authorize = CLIENTS.map((client) => chain.world.authorize(client, "s", { limit: 2_000n }));
    await chain.block({ transactions: authorize });
    for (let i = 1; i <= STEPS; i++) {
      await history.step();
      if (i % (STEPS / EPOCHS) === 0) await chain.block({ closes: true });
    }
    await chain.block();
    await chain.outside.claimAll();
    for (let i = 0; i < 3; i++) await chain.later(1);
    assert.ok(history.refused.length < STEPS / 4, `refused: ${history.refused}`);
  }

  async function view<T>(
    name: "vault" | "settlement" | "staking" | "parameters" | "auction" | "flk",
    abi: Abi,
    functionName: string,
    args: readonly unknown[],
    block?: number,
  ): Promise<T> {
    const call = { address: chain.l2.deployment[name], abi, functionName, args };
    const at = block === undefined ? {} : { blockNumber: BigInt(block) };
    return (await chain.l2.client.readContract({ ...call, ...at })) as T;
  }

  const claimed = (account: Hex, block?: number) =>
    view<{ stable: bigint; flk: bigint }>("settlement", epochSettlementAbi, "claimed", [account], block);

  it("every account is what nodes and contracts say", async () => {
    const { accounts } = await ask(
      "{ accounts(first: 1000) { nodes { address balance deposits payoutStable payoutFlk claimedStable claimedFlk payee } } }",
    );
    const known = new Map<string, Row>(accounts.nodes.map((row: Row) => [row.address, row]));
    const last = chain.reports.at(-1);
    for (const { account, balance } of chain.world.state.accounts.values()) {
      const address = toHex(account);
      const payout = last?.payouts.find((entry) => toHex(entry.account) === address);
      const paid = await claimed(address);
      assert.deepEqual(known.get(address), {
        address,
        balance: String(balance),
        deposits: String(await view("vault", clientVaultAbi, "deposited", [address])),
        payoutStable: String(payout?.stable ?? 0n),
        payoutFlk: String(payout?.flk ?? 0n),
        claimedStable: String(paid.stable),
        claimedFlk: String(paid.flk),
        payee: (await view<Hex>("settlement", epochSettlementAbi, "payeeOf", [address])).toLowerCase(),
      });
    }
    assert.ok(CLIENTS.some(({ address }) => known.get(toHex(address))?.claimedStable !== "0"));
  });

  it("every account was, at the close of each epoch, what nodes and contracts said then", async () => {
    for (const [epoch, report] of chain.reports.entries()) {
      const block = chain.certificates[epoch]?.settlement.l2Number as number;
      const { accounts } = await ask(
        `{ accounts(first: 1000, atEpoch: ${epoch}) { nodes { address balance deposits payoutStable payoutFlk claimedStable claimedFlk } } }`,
      );
      const known = new Map<string, Row>(accounts.nodes.map((row: Row) => [row.address, row]));
      const { activeEpochs } = await view<{ activeEpochs: bigint }>(
        "settlement",
        epochSettlementAbi,
        "status",
        [],
        block,
      );
      const active = chain.reports[Number(activeEpochs) - 1];
      for (const entry of report.balances) {
        const address = toHex(entry.account);
        const payout = active?.payouts.find((other) => toHex(other.account) === address);
        const paid = await claimed(address, block);
        if (entry.balance === 0n && entry.depositsSeen === 0n && !payout) continue;
        assert.deepEqual(known.get(address), {
          address,
          balance: String(entry.balance),
          deposits: String(await view("vault", clientVaultAbi, "deposited", [address], block)),
          payoutStable: String(payout?.stable ?? 0n),
          payoutFlk: String(payout?.flk ?? 0n),
          claimedStable: String(paid.stable),
          claimedFlk: String(paid.flk),
        });
      }
    }
  });

  interface NodeInfo {
    keyVersion: number;
    optedIn: boolean;
    payee: Hex;
    lockedUntil: bigint;
    staked: bigint;
    thawing: bigint;
    slashed: bigint;
  }
  const NODE = "id stake thawing slashed optedIn payee lockedUntil keyVersion";
  const infoOf = async (id: number, block?: number) => {
    const info = await view<NodeInfo>("staking", nodeStakingAbi, "node", [id], block);
    return {
      id,
      stake: String(info.staked),
      thawing: String(info.thawing),
      slashed: String(info.slashed),
      optedIn: info.optedIn,
      payee: info.payee.toLowerCase(),
      lockedUntil: info.lockedUntil === 0n ? null : Number(info.lockedUntil),
      keyVersion: info.keyVersion,
    };
  };

  it("every node is what the contracts say, and was at the close of each epoch", async () => {
    const { nodes } = await ask(`{ nodes { nodes { ${NODE} } } }`);
    assert.equal(nodes.nodes.length, 6);
    for (const row of nodes.nodes) assert.deepEqual(row, await infoOf(row.id));
    assert.ok(nodes.nodes.some((row: Row) => row.slashed !== "0"));
    for (const epoch of chain.reports.keys()) {
      const block = chain.certificates[epoch]?.settlement.l2Number;
      const then = (await ask(`{ nodes(atEpoch: ${epoch}) { nodes { ${NODE} } } }`)).nodes.nodes;
      for (const row of then) assert.deepEqual(row, await infoOf(row.id, block));
    }
  });

  it("every thaw request is what the contracts say, after every slash", async () => {
    const { thawRequests } = await ask(
      "{ thawRequests(first: 1000) { nodes { nodeId request state remaining maturesAt } } }",
    );
    const states = new Set(thawRequests.nodes.map((row: Row) => row.state));
    assert.ok(states.has("THAWING") && states.has("CANCELLED"), [...states].join());
    for (let id = 1; id <= 3; id++) {
      const open = await view<{ id: bigint; maturesAt: bigint; amount: bigint }[]>(
        "staking",
        nodeStakingAbi,
        "thawingRequests",
        [id],
      );
      const wanted = open.map((each) => [Number(each.id), String(each.amount), Number(each.maturesAt)]);
      const known = thawRequests.nodes
        .filter((row: { nodeId: number; state: string }) => row.nodeId === id && row.state === "THAWING")
        .map((row: Row) => [row.request, row.remaining, row.maturesAt]);
      assert.deepEqual(
        known,
        wanted.sort(([a], [b]) => Number(a) - Number(b)),
      );
    }
  });

  it("every lane and session is what nodes have in their state, and deliveries add up to the reports", async () => {
    const { state } = chain.world;
    const { lanes, sessions, deliveries } = await ask(`{
      lanes(first: 1000) { nodes { id deliveries units } }
      sessions(first: 1000) { nodes { account key limit expiryEpoch } }
      deliveries(first: 1000) { nodes { epoch nodeId service commodity deliveries units lanes revenue } } }`);
    const paid = [...chain.allLanes()].map(([id, { count, units }]) => [id, count, units].join());
    const told = lanes.nodes.map((row: Row) => [row.id, row.deliveries, row.units].join());
    assert.deepEqual(told.sort(), paid.sort());
    const statuses = chain.blocks.flatMap(({ block }) =>
      block.receipts.flatMap(({ ackStatus }) => [...ackStatus]),
    );
    const codes = ["PARTIAL_BALANCE", "PARTIAL_LIMIT", "UNPAID_BALANCE", "UNPAID_LIMIT"] as const;
    for (const code of codes) assert.ok(statuses.includes(ackStatus(`ACK_${code}`)), `no ${code}`);
    const wanted = [...state.sessions.values()].map(({ account, key, limit, expiryEpoch }) =>
      [toHex(account), toHex(key), limit, expiryEpoch].join(),
    );
    const known = sessions.nodes.map((row: Row) => [row.account, row.key, row.limit, row.expiryEpoch].join());
    assert.deepEqual(known.sort(), wanted.sort());
    for (const report of chain.reports)
      assert.deepEqual(workOf(deliveries.nodes, report.epoch), reported(report));
    const { epochs } = await ask("{ epochs(first: 1000) { nodes { number problem bytes ms } } }");
    assert.ok(epochs.nodes.every((row: Row) => row.problem === null));
    for (const { epoch, nodes } of chain.reports) {
      const { bytes, ms } = epochs.nodes.find((row: Row) => Number(row.number) === epoch);
      const told = [bytes, ms].map(BigInt);
      const units = (commodity: number) =>
        nodes
          .flatMap(({ work }) => work.filter((item) => item.commodity === commodity))
          .reduce((sum, item) => sum + item.units, 0n);
      assert.deepEqual(told, [units(0), units(1)]);
    }
  });

  it("every lot and parameter is what the contracts say", async () => {
    const { lots, parameters } = await ask(
      "{ lots { nodes { id fromEpoch toEpoch amount revenue sold burned closed opensAt closesAt } } parameters(first: 1000) { nodes { key value } } }",
    );
    assert.ok(lots.nodes.length > 0);
    for (const { id, ...lot } of lots.nodes) {
      const real = await view<Record<string, unknown>>("auction", buybackAuctionAbi, "lot", [BigInt(id)]);
      for (const [field, value] of Object.entries(lot))
        assert.equal(String(value), String(real[field]), field);
    }
    const known = new Map(parameters.nodes.map((row: Row) => [row.key, row.value]));
    for (const key of PARAMETER_KEYS) {
      const set = await view<readonly [bigint, bigint]>("parameters", protocolParametersAbi, "scheduled", [
        stringToHex(key, { size: 32 }),
      ]);
      assert.equal(known.get(key), String(set[0]), key);
    }
  });

  it("FLK that moved adds up to what everybody holds", async () => {
    const { flkTransfers } = await ask(
      "{ flkTransfers(first: 1000) { totalCount nodes { from to amount } } }",
    );
    assert.equal(flkTransfers.totalCount, flkTransfers.nodes.length);
    const held = new Map<string, bigint>();
    for (const { from, to, amount } of flkTransfers.nodes) {
      held.set(from, (held.get(from) ?? 0n) - BigInt(amount));
      held.set(to, (held.get(to) ?? 0n) + BigInt(amount));
    }
    for (const [holder, amount] of held) {
      if (BigInt(holder) === 0n) continue;
      assert.equal(amount, await view("flk", flkAbi, "balanceOf", [holder]), holder);
    }
  });
});

const SUMS = ["deliveries", "units", "lanes", "revenue"] as const;

/** Sums by node, service and commodity. */
function workOf(rows: Row[], epoch: number): string[] {
  const groups = Map.groupBy(
    rows.filter((row) => Number(row.epoch) === epoch),
    (row) => `${row.nodeId}/${row.service}/${row.commodity}`,
  );
  const sum = (list: Row[], field: string) =>
    list.reduce((total, row) => total + BigInt(row[field] as string), 0n);
  return [...groups].map(([key, list]) => [key, ...SUMS.map((field) => sum(list, field))].join()).sort();
}

function reported({ nodes }: RealChain["reports"][number]): string[] {
  return nodes
    .flatMap(({ node, work }) =>
      work.map((item) =>
        [`${node}/${item.service}/${item.commodity}`, ...SUMS.map((field) => item[field])].join(),
      ),
    )
    .sort();
}
