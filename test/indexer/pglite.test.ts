import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { Client } from "pg";
import { openEmbedded } from "#indexer/store/embedded.ts";
import { beginDatabase, newDatabase } from "#indexer/store/new-database.ts";
import { openPglite } from "#indexer/store/pglite.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { newEmbedded, onPostgres, openStore } from "./support/storage.ts";

const once = { skip: onPostgres && "it is of the embedded database" };
const hasCode = (code: string) => (error: unknown) => isFlkError(error, code);
const CONFIG = { user: "postgres", database: "postgres", ssl: false };

it("the embedded database leaves this thread free while a statement runs", once, async () => {
  const store = await openStore("test");
  let turns = 0;
  const timer = setInterval(() => turns++, 5);
  await store.db.execute(sql`SELECT pg_sleep(0.5)`);
  clearInterval(timer);
  await store.close();
  assert.ok(turns > 20, `${turns} turns`);
});

it(
  "a transaction of the embedded database has it for itself, and fails with the state that PostgreSQL gives",
  once,
  async () => {
    const store = await openStore("test");
    const { write } = await store.claim(new AbortController().signal, () => undefined);
    const order: string[] = [];
    const failing = assert.rejects(
      write(async (tx) => {
        await tx.execute(sql`CREATE TABLE made (id integer PRIMARY KEY)`);
        order.push("made");
        await delay(50);
        await tx.execute(sql`SELECT 1 / 0`);
      }),
      (error: Error) => (error.cause as { code?: string }).code === "22012",
    );
    const read = assert.rejects(
      store
        .read()
        .db.execute(sql`SELECT * FROM made`)
        .then(
          () => undefined,
          (error) => {
            order.push("read");
            throw error;
          },
        ),
      (error: Error) => (error.cause as { code?: string }).code === "42P01",
    );
    await Promise.all([failing, read]);
    assert.deepEqual(order, ["made", "read"]);
    await store.close();
  },
);

it(
  "an embedded database that cannot be opened is an error with a code, and its directory is free again",
  once,
  async () => {
    const { dataDir } = await newEmbedded({ kept: true });
    const good = await openEmbedded(dataDir, "test");
    await good.close();
    await writeFile(join(dataDir, "pg", "PG_VERSION"), "7\n");
    for (let time = 0; time < 2; time++)
      await assert.rejects(openEmbedded(dataDir, "test"), hasCode("ERR_DATABASE"));
  },
);

it(
  "what is asked of an embedded database whose thread has ended fails with a code, and so does its close",
  once,
  async () => {
    const pglite = await openPglite((await newEmbedded()).dataDir);
    const client = new Client({ ...CONFIG, stream: pglite.stream });
    const ended = new Promise<Error>((resolve) => client.on("error", resolve));
    await client.connect();
    assert.deepEqual((await client.query("SELECT 1 AS one")).rows, [{ one: 1 }]);
    const stream = pglite.stream();
    (stream as unknown as { connect(): void }).connect();
    stream.on("error", () => undefined);
    // a start of a session that PostgreSQL does not know
    stream.write(Buffer.from([0, 0, 0, 8, 0, 9, 0, 0]));
    const running = assert.rejects(client.query("SELECT 2"), hasCode("ERR_DATABASE"));
    await running;
    assert.equal(((await ended) as Error & { code: string }).code, "ERR_DATABASE");
    await assert.rejects(new Client({ ...CONFIG, stream: pglite.stream }).connect(), hasCode("ERR_DATABASE"));
    await assert.rejects(pglite.close(), hasCode("ERR_DATABASE"));
  },
);

it(
  "a statement that PGlite does not answer ends the embedded database instead of holding up all that follow",
  once,
  async () => {
    const store = await openStore("test");
    const cause = (error: Error) => isFlkError(error.cause, "ERR_DATABASE");
    // its parser of JSON overflows the stack of WebAssembly, which PGlite says nothing of
    await assert.rejects(store.db.execute(sql`SELECT (repeat('[', 100000))::jsonb`), cause);
    await assert.rejects(store.db.execute(sql`SELECT 1`), cause);
    await assert.rejects(store.close(), hasCode("ERR_DATABASE"));
  },
);

it("files of a new database are copied so that they can be written, or not at all", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "flk-new-"));
  t.after(() => rm(folder, { recursive: true }));
  const files = join(folder, "files");
  await mkdir(join(files, "base"), { recursive: true });
  await writeFile(join(files, "base", "1"), "row");
  await chmod(join(files, "base", "1"), 0o444);
  await chmod(join(files, "base"), 0o555);
  await beginDatabase(join(folder, "good"), files);
  assert.equal(await readFile(join(folder, "good", "base", "1"), "utf8"), "row");
  for (const path of ["good", "good/base", "good/base/1"])
    assert.ok((await stat(join(folder, path))).mode & 0o200, path);

  await chmod(join(files, "base"), 0o755);
  // nobody copies a socket
  const server = createServer().listen(join(files, "socket"));
  t.after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  await beginDatabase(join(folder, "bad"), files);
  await beginDatabase(join(folder, "bad"), join(folder, "absent"));
  assert.ok(!existsSync(join(folder, "bad")) && !existsSync(join(folder, "bad.part")));
});

it(
  "a new embedded database begins with the files that set-up made, also after a start that ended amid them",
  once,
  async (t) => {
    if (!existsSync(await newDatabase())) return t.skip("set-up made none: npm test does");
    const made: unknown[] = [];
    for (let time = 0; time < 2; time++) {
      const dataDir = await mkdtemp(join(tmpdir(), "flk-indexer-"));
      await mkdir(join(dataDir, "pg.part"));
      await writeFile(join(dataDir, "pg.part", "PG_VERSION"), "7\n");
      const store = await openEmbedded(dataDir, "test");
      // drawn as the files are made
      made.push(
        ...(await store.db.execute(sql`SELECT system_identifier AS id FROM pg_control_system()`)).rows,
      );
      await store.close();
      await rm(dataDir, { recursive: true });
    }
    assert.equal(made.length, 2);
    assert.deepEqual(made[0], made[1]);
  },
);
