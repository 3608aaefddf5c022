import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type SQLWrapper, sql } from "drizzle-orm";
import { LISTINGS } from "#indexer/api/listings.ts";
import { selectPage } from "#indexer/api/page.ts";
import type { Store, Writer } from "#indexer/store/database.ts";
import { nodes } from "#indexer/store/schema.ts";
import { g1ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { toHex } from "#protocol/types/hex.ts";
import { CLIENT, NODES, operatorOf, signerOf } from "./support/chain.ts";
import { openStore } from "./support/storage.ts";
import { caughtUp, get, startWorld, until, type World } from "./support/world.ts";

describe("orders of nodes", () => {
  /** registered, in no report */
  const NEW = 9;
  let world: World;

  before(async () => {
    world = await startWorld();
    const { chain, l2 } = world;
    for (let epoch = 0; epoch < 2; epoch++) {
      chain.block({ changes: [chain.pay(CLIENT, 1000n * BigInt(epoch + 1))] });
      chain.close();
    }
    l2.emit("staking", "NodeRegistered", {
      nodeId: NEW,
      owner: operatorOf(NEW),
      keyVersion: 0,
      key: toHex(g1ToEip2537(signerOf(1).publicKey)),
      networkKey: toHex(new Uint8Array(32).fill(NEW)),
      endpoints: "",
    });
    await caughtUp(world);
  });
  after(() => world.stop());

  async function listed(orderBy: string, direction: string, more = ""): Promise<number[]> {
    const query = `query ($after: String) { nodes(first: 2, after: $after, orderBy: ${orderBy}, direction: ${direction} ${more}) {
      nodes { id } pageInfo { hasNextPage endCursor } } }`;
    const ids: number[] = [];
    let cursor: string | null = null;
    do {
      const { nodes: page } = await get(world.indexer, query, { after: cursor });
      ids.push(...page.nodes.map(({ id }: { id: number }) => id));
      cursor = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (cursor !== null);
    return ids;
  }

  it("have every node once, those without a reputation below all that have one", async () => {
    assert.deepEqual(await listed("REPUTATION", "ASC"), [NEW, ...NODES]);
    assert.deepEqual(await listed("REPUTATION", "DESC"), [...NODES.toReversed(), NEW]);
  });

  it("are by work and rewards of the newest epoch of each", async () => {
    const others = [NEW, ...NODES.filter((node) => node !== 2).toReversed()];
    for (const order of ["UNITS", "REWARD_STABLE", "REWARD_FLK"]) {
      assert.deepEqual(await listed(order, "DESC"), [2, ...others], order);
      assert.deepEqual(await listed(order, "ASC"), [...others.toReversed(), 2], order);
    }
    const { worked, fresh } = await get(
      world.indexer,
      `query ($fresh: Int!) { worked: node(id: 2) { ...F epochs(first: 1) { nodes { epoch rewardStable rewardFlk work { units } } } }
        fresh: node(id: $fresh) { ...F } } fragment F on Node { reputation units rewardStable rewardFlk }`,
      { fresh: NEW },
    );
    const [newest] = worked.epochs.nodes;
    assert.equal(newest.epoch, 1);
    const { rewardStable, rewardFlk } = newest;
    assert.deepEqual(
      { ...worked, epochs: undefined },
      { reputation: 52, units: newest.work[0].units, rewardStable, rewardFlk, epochs: undefined },
    );
    assert.equal(rewardStable, "1400");
    assert.deepEqual(fresh, { reputation: null, units: "0", rewardStable: "0", rewardFlk: "0" });
  });

  it("hold for epochs gone by", async () => {
    const past = ", atEpoch: 0";
    assert.deepEqual(await listed("REPUTATION", "DESC", past), NODES.toReversed());
    assert.equal((await listed("UNITS", "DESC", past))[0], 2);
    const { node } = await get(world.indexer, "{ node(id: 2, atEpoch: 0) { units rewardStable rewardFlk } }");
    assert.deepEqual(node, {
      units: "50000000",
      rewardStable: "700",
      rewardFlk: (1000n * 10n ** 11n).toString(),
    });
  });

  it("go back to the verified epoch before, once the L2 settles the newest otherwise than its report says", async () => {
    const { chain, indexer } = world;
    const query = `{ epoch(number: 2) { verified problem units revenue flkMinted nodes { totalCount } }
      earlier: epoch(number: 1) { grant { flk } }
      nodes(orderBy: REPUTATION, direction: DESC, first: 9) { nodes { id reputation units rewardStable rewardFlk } }
      account(address: "${operatorOf(2)}") { epochs(first: 1) { nodes { epoch payoutStable payoutFlk } } } }`;
    const before = await get(indexer, query);
    chain.reputation = 70;
    chain.block({ changes: [chain.pay(CLIENT, 5000n)] });
    chain.close({ post: false });
    await until("it is verified", async () => (await get(indexer, query)).epoch?.verified === true);
    const verified = await get(indexer, query);
    const [worked] = verified.nodes.nodes.filter(({ id }: { id: number }) => id === 2);
    assert.deepEqual(worked, {
      id: 2,
      reputation: 72,
      units: "250000000",
      rewardStable: "3500",
      rewardFlk: (5000n * 10n ** 11n).toString(),
    });
    chain.post(2, true, { totalPayoutFlk: 1n });
    await until("it is not", async () => (await get(indexer, query)).epoch.verified === false);
    const after = await get(indexer, query);
    assert.deepEqual(after.nodes, before.nodes);
    assert.deepEqual(after.epoch, {
      verified: false,
      problem: "ERR_SETTLEMENT_DIGEST",
      ...{ units: null, revenue: null, flkMinted: null, nodes: { totalCount: 0 } },
    });
    assert.equal(after.earlier.grant, null);
    const unpaid = [{ epoch: 2, payoutStable: "0", payoutFlk: "0" }];
    assert.deepEqual(after.account.epochs.nodes, unpaid);
  });
});

describe("a page of very many nodes", () => {
  const MANY = 20_000;
  let store: Store;
  let writer: Writer;

  before(async () => {
    store = await openStore("orders");
    writer = await store.claim(new AbortController().signal, () => undefined);
    await writer.write(async (tx) => {
      await tx.execute(sql`
        INSERT INTO ${nodes} ("id", "owner", "keyVersion", "consensusKey", "networkKey", "endpoints", "optedIn", "payee",
          "stake", "orderedReputation", "units", "rewardStable", "rewardFlk")
        SELECT i, '0x', 0, '0x', '0x', '', true, '0x', i % 7, i % 101, i % 11, i % 13, i % 17
        FROM generate_series(1, ${MANY}::integer) i`);
      await tx.execute(sql`ANALYZE ${nodes}`);
    });
  });
  after(async () => {
    await writer.release();
    await store.close();
  });

  for (const [name, lead] of Object.entries(LISTINGS.nodes.orders)) {
    it(`in order of ${name} is read from an index, wherever it begins`, async () => {
      for (const descending of [false, true]) {
        const order = { name, columns: [...new Set([...lead, nodes.id])], descending };
        const cursor = [name, ...order.columns.map(() => "5")];
        for (const after of [undefined, Buffer.from(JSON.stringify(cursor)).toString("base64url")]) {
          const query: SQLWrapper = selectPage(store.db, nodes, { order, args: { first: 50, after } });
          const { rows } = await store.db.execute<{ "QUERY PLAN": string }>(
            sql`EXPLAIN (ANALYZE, TIMING OFF) ${query.getSQL()}`,
          );
          const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
          assert.match(plan, /Index Scan/, plan);
          assert.doesNotMatch(plan, /Sort|Seq Scan|Rows Removed/, plan);
        }
      }
    });
  }
});
