import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { sql } from "drizzle-orm";
import { Client, Pool } from "pg";
import { networkText } from "#indexer/indexer.ts";
import { type Store, schemaName } from "#indexer/store/database.ts";
import { createStatements } from "#indexer/store/ddl.ts";
import { openEmbedded } from "#indexer/store/embedded.ts";
import { LATER, makeLater } from "#indexer/store/later-indexes.ts";
import { openPostgres } from "#indexer/store/postgres.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { startPostgres, type TestPostgres } from "#scripts/bench/support/postgres.ts";
import { CLIENT, OTHER } from "./support/chain.ts";
import { CHAIN_ID, CONTRACTS } from "./support/fake-l2.ts";
import { newEmbedded, onPostgres } from "./support/storage.ts";
import { caughtUp, get, ready, startWorld, until } from "./support/world.ts";

const NETWORK = networkText({ chainId: CHAIN_ID, contracts: CONTRACTS, deployBlock: 1 });
const never = new AbortController().signal;
const ALL = createStatements().flatMap(({ index }) => (index === undefined ? [] : [index]));
const AT_ONCE = ALL.filter((name) => !LATER.has(name));

/** Those that a database has, in the order of ALL. */
async function indexesOf(store: Store): Promise<string[]> {
  const { rows } = await store.db.execute<{ name: string }>(
    sql`SELECT indexname AS name FROM pg_indexes WHERE schemaname = ${schemaName(NETWORK).name}`,
  );
  const names = new Set(rows.map(({ name }) => name));
  return ALL.filter((name) => names.has(name));
}

describe("indexes that a backfill of the embedded database goes without", {
  skip: onPostgres && "it is of the embedded database",
}, () => {
  it("are made before the indexer says that all of the L2 is in", async () => {
    const storage = await newEmbedded({ kept: true });
    const store = await openEmbedded(storage.dataDir, NETWORK);
    assert.deepEqual(await indexesOf(store), AT_ONCE);
    await store.close();
    const world = await startWorld({}, storage);
    await caughtUp(world);
    await world.stop();
    const again = await openEmbedded(storage.dataDir, NETWORK);
    assert.deepEqual(await indexesOf(again), ALL);
    await again.close();
  });

  it("are left to the next process by one that ends, and made once", async () => {
    const store = await openEmbedded((await newEmbedded()).dataDir, NETWORK);
    const abort = new AbortController();
    const making = assert.rejects(store.complete(abort.signal), { name: "AbortError" });
    await until("it has begun", async () => (await indexesOf(store)).length > AT_ONCE.length);
    abort.abort();
    await making;
    assert.ok((await indexesOf(store)).length < ALL.length);
    await store.complete(never);
    assert.deepEqual(await indexesOf(store), ALL);
    await store.complete(never);
    await store.close();
  });

  it("are an error with a code when one cannot be made", async () => {
    const store = await openEmbedded((await newEmbedded()).dataDir, NETWORK);
    await store.db.execute(sql`DROP TABLE claims`);
    await assert.rejects(store.complete(never), (error) => isFlkError(error, "ERR_DATABASE"));
    await store.close();
  });
});

describe("indexes that a backfill goes without", { skip: onPostgres && "it is one anyway" }, () => {
  let server: TestPostgres;
  let databaseUrl: string;
  let client: Client;
  const { name: schema } = schemaName(NETWORK);

  before(async () => {
    server = await startPostgres();
  });
  beforeEach(async () => {
    await client?.end();
    databaseUrl = await server.createDatabase();
    client = new Client({ connectionString: databaseUrl });
    await client.connect();
  });
  after(async () => {
    await client.end();
    await server.stop();
  });

  function somebodyWaits(): Promise<void> {
    const waits = "SELECT 1 FROM pg_locks WHERE NOT granted";
    return until("it waits", async () => (await client.query(waits)).rows.length > 0);
  }

  async function there(): Promise<string[]> {
    const { rows } = await client.query<{ indexname: string }>(
      "SELECT indexname FROM pg_indexes WHERE schemaname = $1",
      [schema],
    );
    const names = new Set(rows.map(({ indexname }) => indexname));
    return ALL.filter((name) => names.has(name));
  }

  it("are made before the indexer says that all of the L2 is in", async () => {
    const store = await openPostgres(databaseUrl, NETWORK);
    await store.close();
    assert.deepEqual(await there(), AT_ONCE);
    assert.ok(AT_ONCE.length > 0 && AT_ONCE.length < ALL.length);
    const world = await startWorld({}, { databaseUrl });
    try {
      await caughtUp(world);
      assert.deepEqual(await there(), ALL);
    } finally {
      await world.stop();
    }
  });

  it("are a reason not to be ready while one is made", async () => {
    await (await openPostgres(databaseUrl, NETWORK)).close();
    await client.query(`BEGIN; LOCK TABLE ${schema}.deposits IN ROW EXCLUSIVE MODE`);
    const world = await startWorld({}, { databaseUrl });
    try {
      world.chain.deposit(OTHER, 7n);
      const waits =
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'CREATE INDEX%'";
      const other = new Client({ connectionString: databaseUrl });
      await other.connect();
      await until("it waits", async () => (await other.query(waits)).rows.length > 0);
      await other.end();
      const { status, reasons } = await ready(world.indexer);
      assert.equal(status, 503);
      assert.ok(reasons.includes("l2: catching up"), reasons.join());
      await client.query("COMMIT");
      await caughtUp(world);
      assert.deepEqual(await there(), ALL);
    } finally {
      await world.stop();
    }
  });

  it("hold up no block and no heartbeat on tables that only logs fill", async () => {
    const world = await startWorld({}, { databaseUrl });
    try {
      await caughtUp(world);
      const { rows } = await client.query<{ name: string }>(
        "SELECT DISTINCT tablename AS name FROM pg_indexes WHERE schemaname = $1 AND indexname = ANY($2) AND tablename <> 'accounts'",
        [schema, [...LATER]],
      );
      const tables = rows.map(({ name }) => `${schema}.${name}`);
      // as CREATE INDEX does
      await client.query(`BEGIN; LOCK TABLE ${tables.join()} IN SHARE MODE`);
      const beats = `SELECT "time" FROM ${schema}.progress`;
      const before = (await client.query(beats)).rows;
      const { chain } = world;
      chain.block({ changes: [chain.pay(CLIENT, 1n)] });
      await until("the block is in", async () => {
        const { _meta } = await get(world.indexer, "{ _meta { height } }");
        return _meta.height === chain.blocks.length - 1;
      });
      await until("it beats", async () => (await client.query(beats)).rows[0]?.time > before[0]?.time);
    } finally {
      await client.query("ROLLBACK");
      await world.stop();
    }
  });

  it("hold up blocks no longer than one on accounts takes", async () => {
    const world = await startWorld({}, { databaseUrl });
    try {
      await caughtUp(world);
      await client.query(`BEGIN; LOCK TABLE ${schema}.accounts IN SHARE MODE`);
      const { chain } = world;
      chain.block({ changes: [chain.pay(CLIENT, 1n)] });
      await somebodyWaits();
      await client.query("COMMIT");
      await caughtUp(world);
      const { _meta } = await get(world.indexer, "{ _meta { height } }");
      assert.equal(_meta.height, chain.blocks.length - 1);
    } finally {
      await client.query("ROLLBACK");
      await world.stop();
    }
  });

  it("are made up for by the next process, and once by two", async () => {
    const [one, two] = await Promise.all([1, 2].map(() => openPostgres(databaseUrl, NETWORK)));
    assert.ok(one && two);
    try {
      await one.complete(never);
      await client.query(`DROP INDEX ${schema}.deposits_amount; DROP INDEX ${schema}.claims_flk`);
      await Promise.all([one.complete(never), two.complete(never)]);
      assert.deepEqual(await there(), ALL);
    } finally {
      await one.close();
      await two.close();
    }
  });

  it("are left to the next process by one that ends", async () => {
    const store = await openPostgres(databaseUrl, NETWORK);
    const abort = new AbortController();
    await client.query(`BEGIN; LOCK TABLE ${schema}.claims IN ROW EXCLUSIVE MODE`);
    try {
      const making = assert.rejects(store.complete(abort.signal), { name: "AbortError" });
      await somebodyWaits();
      abort.abort();
      await making;
      await client.query("COMMIT");
      const names = await there();
      assert.ok(names.length < ALL.length && !names.some((name) => name.startsWith("claims_")));
      await store.complete(never);
      assert.deepEqual(await there(), ALL);
    } finally {
      await store.close();
    }
  });

  it("are left by one that ends before the server has what it waits for", { timeout: 30_000 }, async () => {
    await (await openPostgres(databaseUrl, NETWORK)).close();
    await client.query("SELECT pg_advisory_lock(hashtext($1), 1)", [schema]);
    const ending = new Pool({ connectionString: databaseUrl });
    let asked = 0;
    // the first comes too early: it ends nothing
    const late = { query: async (...args: [string, unknown[]]) => asked++ > 0 && ending.query(...args) };
    const abort = new AbortController();
    const options = { connectionString: databaseUrl, options: `-c search_path=${schema}` };
    const making = makeLater({
      client: new Client(options),
      ending: late as unknown as Pool,
      schema,
      signal: abort.signal,
    });
    try {
      const cancelled = assert.rejects(making, { code: "57014" });
      await somebodyWaits();
      abort.abort();
      await cancelled;
      assert.deepEqual(await there(), AT_ONCE);
    } finally {
      await ending.end();
    }
  });

  it("are made however long that takes, whatever the server allows others", async () => {
    const store = await openPostgres(databaseUrl, NETWORK);
    const name = new URL(databaseUrl).pathname.slice(1);
    await client.query(`ALTER DATABASE ${name} SET statement_timeout = 100`);
    await client.query(`ALTER DATABASE ${name} SET lock_timeout = 100`);
    await client.query(`BEGIN; LOCK TABLE ${schema}.deposits IN ROW EXCLUSIVE MODE`);
    try {
      const making = store.complete(never);
      await Promise.race([making, somebodyWaits()]);
      // longer than it would be allowed
      await Promise.race([making, client.query("SELECT pg_sleep(0.3)")]);
      await client.query("COMMIT");
      await making;
      assert.deepEqual(await there(), ALL);
    } finally {
      await store.close();
    }
  });

  it("fail by code when the database is away", async () => {
    const store = await openPostgres(databaseUrl, NETWORK);
    await client.end();
    await server.kill();
    try {
      await assert.rejects(store.complete(never), (error) => isFlkError(error, "ERR_DATABASE"));
    } finally {
      await server.start();
      client = new Client({ connectionString: databaseUrl });
      await client.connect();
      await store.close();
    }
  });
});
