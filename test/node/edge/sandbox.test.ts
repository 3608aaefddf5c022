import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runMemoryLimit } from "#node/edge/compute/memory-limit.ts";
import { Sandbox } from "#node/edge/compute/sandbox.ts";
import { eventually } from "#test/node/support/eventually.ts";
import { host, moduleOf, op } from "./support/wasm.ts";

/** A process that has ended may wait for ever to be collected by the first one of a container. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return true;
  }
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && /\) Z /.test(readFileSync(stat, "latin1"));
}

test("runs end with the node that is killed, also those that stand still", async () => {
  const file = fileURLToPath(new URL("./support/host-of-runs.ts", import.meta.url));
  const node = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(node.stdout, "data")) as [Buffer];
  const pids = JSON.parse(line.toString()) as number[];
  try {
    assert.deepEqual(pids.map(isGone), [false, false]);
    node.kill("SIGKILL");
    await eventually("both are gone", () => pids.every(isGone));
  } finally {
    for (const pid of pids) if (!isGone(pid)) process.kill(pid, "SIGKILL");
    node.kill("SIGKILL");
  }
});

const NO_LIMIT = process.platform !== "linux" && "the system has no limit of writable memory";

async function run(module: Uint8Array, input = new Uint8Array()): Promise<Uint8Array> {
  const sandbox = new Sandbox(await runMemoryLimit());
  try {
    await sandbox.up;
    sandbox.start(module, input);
    return await sandbox.output;
  } finally {
    sandbox.kill();
  }
}

test("a module that takes gigabytes to compile ends with its limit of memory", {
  skip: NO_LIMIT,
}, async () => {
  const blocks = 2_000;
  const body = [
    ...Array.from({ length: blocks }, () => op.block),
    ...Array.from({ length: blocks }, () => [op.get(0), op.brIf(0), op.end]).flat(),
  ];
  const module = moduleOf(body, { locals: 50_000 });
  assert.ok(module.length < 20_000);
  await assert.rejects(run(module), { code: "ERR_COMPUTE_MEMORY" });
});

test("the limit leaves a run all of its memory, and room to compile a megabyte", {
  skip: NO_LIMIT,
}, async () => {
  const pages = 1_024;
  const fill = [op.constant(0), op.constant(1), op.constant(pages << 16), op.fill];
  const step = [op.get(0), op.constant(1), op.add, op.tee(0), op.drop].flat();
  const thousand = Array.from({ length: 1_000 }, () => step).flat();
  const code = Array.from({ length: 130 }, () => thousand);
  const module = moduleOf([...fill, ...code, op.constant(0), op.constant(1 << 20), op.call(2)], { pages });
  assert.ok(module.length > 1_000_000);
  assert.deepEqual(await run(module), new Uint8Array(1 << 20).fill(1));
});

test("a start function asks for the length of the input, and for nothing else", async () => {
  const input = Uint8Array.of(7, 8);
  const reads = [op.constant(0), op.constant(0), op.call(host.inputSize), op.call(host.readInput)];
  const asks = [op.call(host.inputSize), op.drop];
  assert.deepEqual(await run(moduleOf(asks, { starts: true }), input), new Uint8Array());
  assert.deepEqual(await run(moduleOf(reads), input), new Uint8Array());
  await assert.rejects(run(moduleOf(reads, { starts: true }), input), { code: "ERR_COMPUTE_MODULE" });
});

test("what a module names is unsigned: an offset of -1 is beyond every input", async () => {
  const reads = [op.constant(0), op.constant(-1), op.constant(1), op.call(host.readInput)];
  await assert.rejects(run(moduleOf(reads), Uint8Array.of(7)), { code: "ERR_COMPUTE_TRAP" });
});
