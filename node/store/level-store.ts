import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Level } from "level";
import type { Startable } from "#node/interface/startable.ts";
import { NAMESPACES, type Namespace, type Store, type Write } from "#node/interface/store.ts";
import type { FlkError } from "#protocol/errors/error.ts";
import { storeError } from "./errors.ts";
import { GroupCommit } from "./group-commit.ts";

type Database = Level<Uint8Array, Uint8Array>;

/** Position in NAMESPACES, which only grows, so that a prefix never changes its meaning. */
const PREFIX: ReadonlyMap<Namespace, number> = new Map(NAMESPACES.map((name, i) => [name, i]));
const BINARY = { keyEncoding: "view", valueEncoding: "view" } as const;

function prefixed(namespace: Namespace, key: Uint8Array): Uint8Array {
  const out = new Uint8Array(key.length + 1);
  out[0] = prefixOf(namespace);
  out.set(key, 1);
  return out;
}

function prefixOf(namespace: Namespace): number {
  const prefix = PREFIX.get(namespace);
  if (prefix === undefined) throw new TypeError(`unknown namespace ${namespace}`);
  return prefix;
}

function bounds(namespace: Namespace, range: { gte?: Uint8Array; lt?: Uint8Array }) {
  const gte = prefixed(namespace, range.gte ?? new Uint8Array(0));
  const lt = range.lt ? prefixed(namespace, range.lt) : Uint8Array.of(prefixOf(namespace) + 1);
  return { gte, lt };
}

function failed(action: string, cause: unknown): FlkError {
  return storeError("ERR_STORE", `the database could not ${action}`, {}, { cause });
}

async function openDatabase(folder: string): Promise<Database> {
  const path = join(folder, "leveldb");
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const db: Database = new Level(path, BINARY);
    await db.open();
    return db;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    if (cause instanceof Error && "code" in cause && cause.code === "LEVEL_LOCKED") {
      throw storeError("ERR_STORE_LOCKED", `another process uses ${folder}`, { folder }, { cause: error });
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `cannot open the database in ${folder}: ${reason}`;
    throw storeError("ERR_STORE", message, { folder }, { cause: error });
  }
}

/** A chained batch: one of an array copies every operation three times on this thread. */
async function writeSynced(db: Database, writes: readonly Write[]): Promise<void> {
  if (writes.length === 0) return;
  const batch = db.batch();
  for (const { namespace, key, value } of writes) {
    if (value === null) batch.del(prefixed(namespace, key));
    else batch.put(prefixed(namespace, key), value);
  }
  await batch.write({ sync: true });
}

class LevelStore implements Store, Startable {
  #data: Database;
  #protection: Database;
  #writes: GroupCommit<Write>;
  #stopping: Promise<void> | undefined;

  constructor(data: Database, protection: Database) {
    this.#data = data;
    this.#protection = protection;
    this.#writes = new GroupCommit((items) => this.#commit(items));
  }

  async start(): Promise<void> {}

  stop(): Promise<void> {
    this.#stopping ??= this.#close();
    return this.#stopping;
  }

  async #close(): Promise<void> {
    await this.#writes.idle();
    await Promise.all([this.#data.close(), this.#protection.close()]);
  }

  #of(namespace: Namespace): Database {
    return namespace === "protection" ? this.#protection : this.#data;
  }

  async get(namespace: Namespace, key: Uint8Array): Promise<Uint8Array | undefined> {
    const full = prefixed(namespace, key);
    try {
      return this.#of(namespace).getSync(full, BINARY);
    } catch (error) {
      throw failed("read", error);
    }
  }

  async write(batch: readonly Write[]): Promise<void> {
    if (this.#stopping) throw storeError("ERR_STORE", "the store is stopped");
    if (batch.length > 0) await this.#writes.write(batch);
  }

  /** Protection first and synced: a crash between the two may forget what was sent, never that it was signed. */
  async #commit(items: Write[]): Promise<void> {
    const isProtection = (write: Write) => write.namespace === "protection";
    await writeSynced(this.#protection, items.filter(isProtection));
    await writeSynced(
      this.#data,
      items.filter((write) => !isProtection(write)),
    );
  }

  #iterator(
    namespace: Namespace,
    options: { gte: Uint8Array; lt: Uint8Array; reverse: boolean; limit: number },
  ) {
    try {
      return this.#of(namespace).iterator({ ...BINARY, ...options });
    } catch (error) {
      throw failed("read", error);
    }
  }

  async *iterate(
    namespace: Namespace,
    range: { gte?: Uint8Array; lt?: Uint8Array; reverse?: boolean; limit?: number } = {},
  ): AsyncIterable<[key: Uint8Array, value: Uint8Array]> {
    const { reverse = false, limit = -1 } = range;
    const iterator = this.#iterator(namespace, { ...bounds(namespace, range), reverse, limit });
    try {
      for (let entry = await next(iterator); entry; entry = await next(iterator)) {
        yield [entry[0].subarray(1), entry[1]];
      }
    } finally {
      await iterator.close();
    }
  }
}

async function next<Entry>(iterator: { next(): Promise<Entry> }): Promise<Entry> {
  try {
    return await iterator.next();
  } catch (error) {
    throw failed("read", error);
  }
}

/**
 * Opens the node's two LevelDB databases: `dataDir` holds every namespace but "protection", which is alone in
 * `protectionDir` so that it can be kept and moved without the data. A batch is atomic within each database, and the
 * protection part is on disk before the rest. `stop` waits for running writes.
 * @throws ERR_STORE_LOCKED naming the folder, ERR_STORE
 */
export async function openStore(options: {
  dataDir: string;
  protectionDir: string;
}): Promise<Store & Startable> {
  const data = await openDatabase(options.dataDir);
  try {
    return new LevelStore(data, await openDatabase(options.protectionDir));
  } catch (error) {
    await data.close();
    throw error;
  }
}

/**
 * The protection database alone, for commands about a node that is stopped: no other namespace may be used.
 * @throws ERR_STORE_LOCKED while a node runs, ERR_STORE
 */
export async function openProtectionStore(protectionDir: string): Promise<Store & Startable> {
  const protection = await openDatabase(protectionDir);
  return new LevelStore(protection, protection);
}
