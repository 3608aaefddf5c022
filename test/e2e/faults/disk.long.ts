import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, cpSync, openSync, readdirSync, rmSync, statSync, writeSync } from "node:fs";
import { mkdtemp, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { LocalNode } from "#cli/devnet/world.ts";
import { chooseOne } from "./choose.ts";
import type { FaultNetwork } from "./network.ts";
import { startRun } from "./run.ts";
import { verdict } from "./verdict.ts";
import { MAX_FILE_BYTES } from "./witness/records.ts";

const TURNS = 4;
const FULL_TURNS = 2;
const SMALL_BYTES = 33_554_432;
const STOPPED_MS = 120_000;
/** Above what its log and the record of what it signed need. */
const ROOM_BYTES = 65_536;
const LEAST_BYTES = MAX_FILE_BYTES + ROOM_BYTES;

/** From now on no file of the process may grow beyond `bytes`: writes fail with EFBIG, after a part of them was written. */
function limitFiles(pid: number, bytes: number): void {
  execFileSync("prlimit", ["--pid", String(pid), `--fsize=${bytes}:`]);
}

/** Bytes of the newest log of a database: where its next write goes. */
function logBytes(folder: string): number {
  const path = join(folder, "leveldb");
  const logs = readdirSync(path).filter((name) => name.endsWith(".log"));
  // the database may be through with it meanwhile
  return statSync(join(path, logs.sort().at(-1) ?? ""), { throwIfNoEntry: false })?.size ?? 0;
}

function limitOf({ home }: LocalNode): number {
  return Math.max(LEAST_BYTES, logBytes(join(home.data, "store")) + ROOM_BYTES);
}

async function stopped(network: FaultNetwork, node: LocalNode): Promise<void> {
  const ended = async (): Promise<true | undefined> =>
    network.supervisor.state(node.name) === "down" ? true : undefined;
  await network.until(`${node.name} stops`, ended, STOPPED_MS);
  const last = (await network.log(node)).trim().split("\n").at(-1) ?? "";
  assert.match(last, /^error ERR_STORE: /, node.name);
}

interface FullDisk {
  /** before the node is asked to go on, and after it was started again */
  fill(node: LocalNode): void;
  free(node: LocalNode): void;
}

/** The node stops when its disk is full, and when it is started on the full disk; with space it goes on where it was. */
async function fillDisk(network: FaultNetwork, node: LocalNode, disk: FullDisk): Promise<number> {
  const { height } = await network.epochInfo(node);
  network.expectEnd(node);
  disk.fill(node);
  await stopped(network, node);
  const others = network.nodes.filter((other) => other !== node);
  await network.progress(others);
  await network.supervisor.restart(node.name);
  disk.fill(node);
  await stopped(network, node);
  disk.free(node);
  network.expectUp(node);
  await network.restart(node);
  const ms = await network.progress();
  assert.ok((await network.epochInfo(node)).height > height);
  return ms;
}

test("a node whose files cannot grow stops with ERR_STORE, has lost nothing, and goes on when there is space", async (t) => {
  const { rng, network, ledger, load } = await startRun(t, { nodes: 6, committee: 4, epochSeconds: 30 });
  await load.start();
  const limited: FullDisk = {
    fill: (full) => limitFiles(network.pid(full), limitOf(full)),
    free: () => undefined,
  };
  const full: Record<string, string> = {};
  for (let turn = 0; turn < TURNS; turn++) {
    const node = chooseOne(network.nodes, rng);
    full[node.name] = "ERR_STORE";
    const ms = await fillDisk(network, node, limited);
    t.diagnostic(`${node.name} was full, and all nodes had a new block ${ms} ms after it was up again`);
    await ledger.follow(network.nodes);
  }
  await verdict(t, network, { ledger, load, stopped: full });
});

test("a node on a file system without space stops with ERR_STORE, has lost nothing, and goes on when there is space", async (t) => {
  if (!(await canMount())) return t.skip("nobody here may mount a small file system");
  let small = "";
  const { network, ledger, load } = await startRun(t, (rng) => ({
    nodes: 4,
    committee: 4,
    epochSeconds: 60,
    prepare(nodes) {
      small = chooseOne(nodes, rng).home.root;
      mountSmall(small);
      return () => unmount(small);
    },
  }));
  await load.start();
  const node = network.nodes.find(({ home }) => home.root === small);
  if (!node) throw new Error("no node is on a small file system");
  const filler = join(node.home.root, "filler");
  const real: FullDisk = {
    fill: () => writeAll(filler),
    free: () => rmSync(filler),
  };
  for (let turn = 0; turn < FULL_TURNS; turn++) {
    await network.progress(network.nodes, { blocks: 5 });
    const ms = await fillDisk(network, node, real);
    t.diagnostic(`${node.name} had no space, and all nodes had a new block ${ms} ms after it was up again`);
  }
  await verdict(t, network, { ledger, load, stopped: { [node.name]: "ERR_STORE" } });
});

/** Root may, but not in most containers. */
async function canMount(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "flk-mount-"));
  try {
    mount(folder);
    unmount(folder);
    return true;
  } catch {
    return false;
  } finally {
    await rmdir(folder);
  }
}

/** Puts what is in `folder` on a file system of its own in its place. */
function mountSmall(folder: string): void {
  const aside = `${folder}-aside`;
  cpSync(folder, aside, { recursive: true });
  mount(folder);
  try {
    cpSync(aside, folder, { recursive: true });
  } catch (error) {
    unmount(folder);
    throw error;
  }
}

function mount(folder: string): void {
  const args = ["-t", "tmpfs", "-o", `size=${SMALL_BYTES}`, "tmpfs", folder];
  execFileSync("mount", args, { stdio: "pipe" });
}

function unmount(folder: string): void {
  execFileSync("umount", ["--lazy", folder]);
}

/** Until there is no space left. */
function writeAll(path: string): void {
  const file = openSync(path, "a");
  const bytes = new Uint8Array(4_096).fill(1);
  try {
    for (let written = 0; written < SMALL_BYTES; written += bytes.length) writeSync(file, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  } finally {
    closeSync(file);
  }
}
