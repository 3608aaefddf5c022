import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { sql } from "drizzle-orm";
import { Client } from "pg";
import { createReplica, type Indexer, networkText } from "#indexer/indexer.ts";
import { schemaName } from "#indexer/store/database.ts";
import { openPostgres, prunePostgres } from "#indexer/store/postgres.ts";
import { readProgress } from "#indexer/store/progress.ts";
import { deposits, progress } from "#indexer/store/schema.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { query, startPostgres, type TestPostgres } from "#scripts/bench/support/postgres.ts";
import { CLIENT } from "./support/chain.ts";
import { CHAIN_ID, CONTRACTS } from "./support/fake-l2.ts";
import { SILENT } from "./support/silent.ts";
import { onPostgres } from "./support/storage.ts";
import { caughtUp, get, indexerOf, ready, startWorld, until, type World } from "./support/world.ts";

const NETWORK = { chainId: CHAIN_ID, contracts: CONTRACTS, deployBlock: 1 };
const never = new AbortController().signal;
const TERMINATE_LOCKS = `SELECT pg_terminate_backend(pid) FROM pg_locks
  WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()`;

describe("several processes on one PostgreSQL", { skip: onPostgres && "it is one anyway" }, () => {
  let server: TestPostgres;
  let databaseUrl: string;
  let world: World;
  const others: Indexer[] = [];

  before(async () => {
    server = await startPostgres();
  });
  beforeEach(async () => {
    await Promise.all(others.splice(0).map((other) => other.stop()));
    await world?.stop();
    databaseUrl = await server.createDatabase();
    world = await startWorld({}, { databaseUrl });
    world.chain.block({ changes: [world.chain.pay(CLIENT, 10n)] });
    await caughtUp(world);
  });
  after(async () => {
    await Promise.all(others.map((other) => other.stop()));
    await world.stop();
    await server.stop();
  });

  function another(logged: World["logged"]): Indexer {
    const storage = { dataDir: "memory://", databaseUrl };
    const indexer = indexerOf(world.l2Rpc.url, world.nodeRpc.url, logged, storage);
    others.push(indexer);
    return indexer;
  }

  function replica(): Indexer {
    const place = { port: 0, host: "127.0.0.1" };
    const indexer = createReplica({ ...NETWORK, ...place, databaseUrl, logger: SILENT });
    others.push(indexer);
    return indexer;
  }

  const balance = async (indexer: Indexer) =>
    (await get(indexer, `{ account(address: "${CLIENT}") { balance } }`)).account.balance;

  it("a second writer waits until the first has stopped, then goes on where that was", async () => {
    const logged: World["logged"] = [];
    const second = another(logged);
    const started = second.start();
    await until("it waits", async () => logged.some(({ event }) => event === "indexer_waiting"));
    assert.ok(!logged.some(({ event }) => event === "indexer_listening"));
    await world.indexer.stop();
    await started;
    world.chain.block({ changes: [world.chain.pay(CLIENT, 5n)] });
    await caughtUp({ ...world, indexer: second });
    assert.equal(await balance(second), String(5_000_000 - 15));
    assert.equal(logged.find(({ event }) => event === "indexer_opened")?.event, "indexer_opened");
  });

  it("one that waits can be stopped", async () => {
    const logged: World["logged"] = [];
    const second = another(logged);
    const started = assert.rejects(second.start());
    await until("it waits", async () => logged.some(({ event }) => event === "indexer_waiting"));
    await second.stop();
    await started;
  });

  it("a replica serves what the writer indexes, with its reasons and its lag", async () => {
    const reader = replica();
    await reader.start();
    await caughtUp({ ...world, indexer: reader });
    assert.equal((await ready(reader)).status, 200);
    world.chain.block({ changes: [world.chain.pay(CLIENT, 1n)] });
    await until("it has the block", async () => (await balance(reader)) === String(5_000_000 - 11));
    world.nodeRpc.down = true;
    await until("it says so", async () => /ERR_NODE_UNREACHABLE/.test((await ready(reader)).reasons.join()));
  });

  it("a replica without a writer says so, and answers", async () => {
    databaseUrl = await server.createDatabase();
    const reader = replica();
    await reader.start();
    const { status, reasons } = await ready(reader);
    assert.equal(status, 503);
    assert.match(reasons.join(), /ERR_WRITER_SILENT.*flk indexer run/);
    assert.equal((await get(reader, "{ accounts { totalCount } }")).accounts.totalCount, 0);
  });

  it("a writer that is silent for 15 s is a reason", async () => {
    const store = await openPostgres(databaseUrl, networkText(NETWORK));
    try {
      const reasons = async () => (await readProgress(store.db)).reasons;
      await until("it has said that all is in", async () => (await reasons()).length === 0);
      await world.indexer.stop();
      await store.db.update(progress).set({ time: sql`${progress.time} - 20000` });
      assert.match((await reasons()).join(), /ERR_WRITER_SILENT: .* 2\d s ago/);
    } finally {
      await store.close();
    }
  });

  it("a writer whose lock broke writes nothing once another has it", async () => {
    await world.indexer.stop();
    const [first, second] = await Promise.all(
      [1, 2].map(() => openPostgres(databaseUrl, networkText(NETWORK))),
    );
    assert.ok(first && second);
    const deposit = { block: 1_000, logIndex: 0, txHash: "0x", time: 0, account: CLIENT, from: CLIENT };
    try {
      const old = await first.claim(never, () => assert.fail("nobody writes"));
      await old.write(async (tx) => void (await tx.insert(deposits).values(deposit)));
      await query(databaseUrl, TERMINATE_LOCKS);
      const writer = await second.claim(never, () => undefined);
      const late = old.write(
        async (tx) => void (await tx.insert(deposits).values({ ...deposit, logIndex: 1 })),
      );
      await assert.rejects(late, (error) => isFlkError(error, "ERR_STORE_LOST"));
      assert.ok(old.lost.aborted);
      await writer.write(async (tx) => void (await tx.insert(deposits).values({ ...deposit, logIndex: 2 })));
      const rows = await second.db.select({ at: deposits.logIndex, block: deposits.block }).from(deposits);
      const written = rows.filter(({ block }) => block === deposit.block).map(({ at }) => at);
      assert.deepEqual(written, [0, 2]);
      await writer.release();
    } finally {
      await first.close();
      await second.close();
    }
  });

  it("goes on after its lock broke and nobody else took it", async () => {
    await query(databaseUrl, TERMINATE_LOCKS);
    await until("it notices", async () => world.logged.some(({ event }) => event === "writer_lost"));
    world.chain.block({ changes: [world.chain.pay(CLIENT, 3n)] });
    await caughtUp(world);
    assert.equal(await balance(world.indexer), String(5_000_000 - 13));
  });

  it("goes on after PostgreSQL crashed and came back", async () => {
    await server.kill();
    world.chain.block({ changes: [world.chain.pay(CLIENT, 4n)] });
    await until("it notices", async () => world.logged.some(({ event }) => event === "writer_lost"));
    const { status, reasons } = await ready(world.indexer);
    assert.equal(status, 503);
    assert.match(reasons.join(), /ERR_DATABASE/);
    assert.doesNotMatch(reasons.join(), /select|params/i);
    await server.start();
    await until("it has the block", async () => {
      const answer = await get(world.indexer, "{ _meta { height ready } }").catch(() => undefined);
      return answer?._meta.ready === true && answer._meta.height === 1;
    });
    assert.equal(await balance(world.indexer), String(5_000_000 - 14));
  });

  it("prunes what earlier builds of the same network left, and nothing else", async () => {
    const own = networkText(NETWORK);
    await assert.rejects(prunePostgres(await server.createDatabase(), own), (error) =>
      isFlkError(error, "ERR_NOT_CAUGHT_UP"),
    );
    const store = await openPostgres(databaseUrl, own);
    await until("it is told that all is in", async () => (await readProgress(store.db)).reasons.length === 0);
    await store.close();
    const other = await openPostgres(databaseUrl, "another network");
    await other.close();
    await query(databaseUrl, "CREATE SCHEMA unrelated");
    const earlier = `${schemaName(own).network}earlier`;
    await query(databaseUrl, `CREATE SCHEMA ${earlier}`);
    const held = `${schemaName(own).network}written`;
    await query(databaseUrl, `CREATE SCHEMA ${held}`);
    const another = new Client({ connectionString: databaseUrl });
    await another.connect();
    await another.query("SELECT pg_advisory_lock(hashtext($1), 0)", [held]);
    assert.deepEqual(await prunePostgres(databaseUrl, own), [earlier]);
    assert.deepEqual(await prunePostgres(databaseUrl, own), [], "one that is being written stays");
    await another.end();
    assert.equal(await balance(world.indexer), String(5_000_000 - 10));
  });

  it("names the host of a database that does not work, and none of its secrets", async () => {
    const indexer = indexerOf("http://127.0.0.1:1", "http://127.0.0.1:1", [], {
      dataDir: "memory://",
      databaseUrl: "postgres://hidden:hidden@127.0.0.1:1/hidden",
    });
    await assert.rejects(indexer.start(), (error) => {
      assert.ok(isFlkError(error, "ERR_DATABASE"));
      assert.match(error.message, /127\.0\.0\.1:1 does not work \(ECONNREFUSED\)/);
      assert.doesNotMatch(error.message + JSON.stringify(error.data), /hidden/);
      return true;
    });
  });
});
