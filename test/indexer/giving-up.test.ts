import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { sql } from "drizzle-orm";
import { Client } from "pg";
import { startApi } from "#indexer/api/server.ts";
import type { Store } from "#indexer/store/database.ts";
import { openEmbedded } from "#indexer/store/embedded.ts";
import { openPostgres } from "#indexer/store/postgres.ts";
import type { Progress } from "#indexer/store/progress.ts";
import { startPostgres, type TestPostgres } from "#scripts/bench/support/postgres.ts";
import { SILENT } from "./support/silent.ts";
import { newEmbedded, onPostgres } from "./support/storage.ts";
import { ask, until } from "./support/world.ts";

const RUNNING = `SELECT count(*)::integer AS count FROM pg_stat_activity
  WHERE state = 'active' AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()`;

const once = { skip: onPostgres && "each test has a database of its own kind" };

describe("a query that takes longer than it may, on PostgreSQL", once, () => {
  let server: TestPostgres;
  let url: string;
  let store: Store;
  let watcher: Client;

  before(async () => {
    server = await startPostgres();
    url = await server.createDatabase();
    store = await openPostgres(url, "test");
    watcher = new Client({ connectionString: url });
    await watcher.connect();
  });
  after(async () => {
    await watcher.end();
    await store.close();
    await server.stop();
  });

  const running = async () => (await watcher.query<{ count: number }>(RUNNING)).rows[0]?.count;

  async function withLockedTables(run: () => Promise<void>): Promise<void> {
    const writer = await store.claim(new AbortController().signal, () => undefined);
    await writer.write(async (tx) => {
      await tx.execute(sql`LOCK TABLE accounts, deposits, lanes, transfers IN ACCESS EXCLUSIVE MODE`);
      await run();
    });
    await writer.release();
  }

  it("has at most three connections, and is ended in the database", async () => {
    const api = await startApi({
      source: { db: store.db, read: store.read, progress: async () => ({}) as Progress },
      network: { chainId: 1, contracts: {} },
      host: "127.0.0.1",
      port: 0,
      portOption: "indexer.port",
      logger: SILENT,
      settings: { queryTimeoutMs: 5_000 },
    });
    const names = ["accounts", "deposits", "lanes", "transfers"];
    const query = `{ ${names.map((name) => `${name}(first: 1) { edges { cursor } }`).join(" ")} }`;
    try {
      await withLockedTables(async () => {
        const answer = ask(api, query);
        await until("its share waits for the lock", async () => (await running()) === 3);
        assert.equal((await answer).errors?.[0]?.extensions.code, "ERR_QUERY_TIMEOUT");
        await until("nothing of it runs", async () => (await running()) === 0);
      });
      assert.ok((await ask(api, query)).data);
    } finally {
      await api.stop();
    }
  });
});

it("the embedded database begins nothing of a request that was given up", once, async () => {
  const store = await openEmbedded((await newEmbedded()).dataDir, "test");
  const { db, giveUp } = store.read();
  assert.deepEqual((await db.execute(sql`SELECT 1 AS one`)).rows, [{ one: 1 }]);
  const first = db.execute(sql`SELECT 1 AS one`);
  const second = assert.rejects(async () => void (await db.execute(sql`SELECT 2`)));
  giveUp();
  await second;
  await first.catch(() => undefined);
  await store.close();
});

it("nothing begins of a request that was given up while it waited for a connection", once, async () => {
  const store = await openEmbedded((await newEmbedded()).dataDir, "test");
  await store.db.execute(sql`CREATE SEQUENCE begun`);
  const writer = await store.claim(new AbortController().signal, () => undefined);
  const { db, giveUp } = store.read();
  let late: Promise<void> | undefined;
  await writer.write(async (tx) => {
    late = assert.rejects(async () => void (await db.execute(sql`SELECT nextval('begun')`)));
    // the write has the one connection; this is its turn to be asked for again
    await tx.execute(sql`SELECT 1`);
    giveUp();
  });
  await late;
  const { rows } = await store.db.execute(sql`SELECT is_called FROM begun`);
  assert.deepEqual(rows, [{ is_called: false }]);
  await store.close();
});
