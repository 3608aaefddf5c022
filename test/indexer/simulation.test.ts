import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { getTableName } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import { exactText } from "#indexer/api/exact-text.ts";
import { notReady } from "#indexer/api/readiness.ts";
import { type Following, startFollowing } from "#indexer/follow.ts";
import { readCursor } from "#indexer/store/cursor.ts";
import type { Store } from "#indexer/store/database.ts";
import { cursors, progress, TABLES } from "#indexer/store/schema.ts";
import { Rng } from "#scripts/bench/support/rng.ts";
import { CHAIN_ID, CONTRACTS } from "./support/fake-l2.ts";
import { startFakeNode } from "./support/fake-node.ts";
import type { FakeRpc } from "./support/fake-rpc.ts";
import { SILENT } from "./support/silent.ts";
import { Faults } from "./support/simulation/faults.ts";
import { RandomWorld } from "./support/simulation/world.ts";
import { openStore } from "./support/storage.ts";

const long = process.env.FLK_FUZZ === "long";
/** docs/operations/indexer.md says what each met */
const NOTABLE = [106];
const SEEDS = long
  ? Array.from({ length: 500 }, (_, i) => (Date.now() + i) % 2 ** 31)
  : [...NOTABLE, 101, 102, 103, 104];
const STEPS = 40;
const LIMIT_MS = long ? 120_000 : 60_000;

describe("an indexer whose sources, database and process fail", () => {
  let store: Store;
  before(async () => {
    store = await openStore("sim");
  });
  after(() => store.close());

  async function forget(): Promise<void> {
    for (const table of TABLES) if (table !== cursors) await store.db.delete(table);
    const start = { l2Block: -1, l2Hash: null, height: -1, blockRoot: null, epoch: 0, index: 0 };
    await store.db.update(cursors).set(start);
  }

  /** Every row of every table but what tells of the process, in an order that is always the same. */
  async function dump(): Promise<Record<string, string[]>> {
    const all: Record<string, string[]> = {};
    for (const table of TABLES as readonly PgTable[]) {
      if (table === (progress as PgTable)) continue;
      const rows: Record<string, unknown>[] = await store.db.select().from(table);
      const texts = rows.map(({ revision: _, writer: __, ...row }) => exactText(row));
      all[getTableName(table)] = texts.sort();
    }
    return all;
  }

  interface Sources {
    world: RandomWorld;
    l2Rpc: FakeRpc;
    nodeRpc: FakeRpc;
  }

  /** A process that follows; `kill` ends it between any two of its steps, without a word. */
  async function start({ l2Rpc, nodeRpc }: Sources, faults?: Faults) {
    const abort = new AbortController();
    let alive = true;
    const used = faults ? faults.store(store, () => alive) : store;
    const options = {
      ...{ rpcUrls: [l2Rpc.url], chainId: CHAIN_ID, contracts: CONTRACTS, deployBlock: 1 },
      ...{ nodeRpcUrl: nodeRpc.url, logger: SILENT, pollMs: 2 },
    };
    const following: Following = await startFollowing(options, used, abort.signal);
    return {
      following,
      kill: async () => {
        alive = false;
        abort.abort();
        await following.stopped;
      },
    };
  }

  async function caughtUp({ world }: Sources, following: Following): Promise<void> {
    const end = Date.now() + LIMIT_MS;
    const source = { db: store.db, progress: async () => following.progress() };
    for (;;) {
      const { l2Block, height, epoch } = await readCursor(store.db);
      const { l2, chain } = world;
      const there = l2Block === l2.finalized && height === chain.blocks.length - 1 && epoch === chain.epoch;
      const reasons = await notReady(source);
      if (there && reasons.length === 0) return;
      assert.ok(Date.now() < end, `in vain: ${JSON.stringify({ l2Block, height, epoch, reasons })}`);
      await delay(10);
    }
  }

  async function simulate(seed: number): Promise<{ faults: number; kills: number }> {
    const world = new RandomWorld(new Rng(seed));
    const [l2Rpc, nodeRpc] = [await world.l2.serve(), await startFakeNode(() => world.chain)];
    const sources = { world, l2Rpc, nodeRpc };
    const faults = new Faults(new Rng(seed + 1_000_000));
    faults.disturbL2(l2Rpc);
    faults.disturbNode(nodeRpc);
    const script = new Rng(seed + 2_000_000);
    // so that ranges are read ahead all the time
    world.l2.maxRange = new Rng(seed + 3_000_000).int(2, 8);
    const pause = () => delay(script.below(15));
    let kills = 0;
    await forget();
    let running = await start(sources, faults);
    try {
      for (let step = 0; step < STEPS; step++) {
        await world.step(pause);
        if (script.chance(0.5)) await pause();
        if (script.chance(0.05)) await deepReorg(world, pause);
        if (script.below(1000) < faults.odds.kill) {
          kills++;
          await running.kill();
          running = await start(sources, faults);
        }
      }
      faults.over = true;
      await caughtUp(sources, running.following);
      await running.kill();
      const met = await dump();
      await forget();
      running = await start(sources);
      await caughtUp(sources, running.following);
      assert.deepEqual(met, await dump());
      assert.ok((met.blocks?.length ?? 0) > 5 && (met.accounts?.length ?? 0) > 5, "something happened");
      return { faults: faults.count, kills };
    } finally {
      await running.kill();
      await l2Rpc.stop();
      await nodeRpc.stop();
    }
  }

  /** For a while the L2 is another one: what it calls final contradicts what is known, and nothing of it may be written. */
  async function deepReorg({ l2 }: RandomWorld, pause: () => Promise<void>): Promise<void> {
    // who knows nothing yet cannot tell one chain from the other
    if ((await readCursor(store.db)).l2Hash === null) return;
    l2.salt = 1;
    await pause();
    l2.salt = 0;
  }

  for (const seed of SEEDS) {
    it(`has in the end what an undisturbed one has, seed ${seed}`, async (t) => {
      const { faults, kills } = await simulate(seed);
      t.diagnostic(`${faults} faults, ${kills} kills`);
    });
  }

  it("keeps nothing of a chain that was there for one answer only", async () => {
    const world = new RandomWorld(new Rng(1));
    const [l2Rpc, nodeRpc] = [await world.l2.serve(), await startFakeNode(() => world.chain)];
    const sources = { world, l2Rpc, nodeRpc };
    await forget();
    l2Rpc.disturb = (method, result) => {
      if (method !== "eth_getBlockByNumber") return undefined;
      delete l2Rpc.disturb;
      return { result: { ...(result as object), hash: `0x${"11".repeat(32)}` } };
    };
    const running = await start(sources);
    try {
      await caughtUp(sources, running.following);
      assert.equal((await readCursor(store.db)).l2Hash, world.l2.hash(world.l2.finalized));
      assert.equal(l2Rpc.disturb, undefined);
    } finally {
      await running.kill();
      await l2Rpc.stop();
      await nodeRpc.stop();
    }
  });
});
