import assert from "node:assert/strict";
import { type StdioOptions, spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { type Context, flk, MAIN, nodeHome, startFlk, temporaryFolder } from "./support.ts";

/** bytes: more than any pipe or socket holds */
const MUCH = 400_000;
const FILES = 120;

/** `flk content add` of it prints MUCH at least. */
async function longPaths(t: Context): Promise<string> {
  const folder = await temporaryFolder(t);
  const deep = join(folder, ...Array<string>(14).fill("d".repeat(250)));
  await mkdir(deep, { recursive: true });
  for (let i = 0; i < FILES; i++) await writeFile(join(deep, String(i)), String(i));
  return folder;
}

test("a pipe gets all that was printed", async (t) => {
  const home = await nodeHome(t, "http://127.0.0.1:9");
  const args = ["content", "add", await longPaths(t), "--json", "--home", home.root];
  const { code, stdout } = await flk(args);
  assert.equal(code, 0);
  assert.ok(stdout.length > MUCH, `${stdout.length} bytes`);
  assert.equal((JSON.parse(stdout) as { files: unknown[] }).files.length, FILES);
});

test("a reader that leaves early is no failure and shows no stack", async (t) => {
  const home = await nodeHome(t, "http://127.0.0.1:9");
  const { child, ended } = startFlk(["content", "add", await longPaths(t), "--home", home.root]);
  child.stdout?.once("data", () => child.stdout?.destroy());
  const { code, stderr } = await ended;
  assert.equal(stderr, "");
  assert.equal(code, 0);
});

/** Runs `node ...args` with a full disk behind stdout. */
function intoFullDisk(t: Context, args: string[]): { status: number | null; stderr: string } {
  const full = openSync("/dev/full", "w");
  t.after(() => closeSync(full));
  const stdio = ["ignore", full, "pipe"] satisfies StdioOptions;
  return spawnSync(process.execPath, args, {
    stdio,
    encoding: "utf8",
    cwd: dirname(dirname(MAIN)),
    timeout: 30_000,
  });
}

const onLinux = { skip: process.platform !== "linux" };

test("what stdout does not take is ERR_OUTPUT_FILE", onLinux, (t) => {
  const { status, stderr } = intoFullDisk(t, [MAIN, "--version"]);
  assert.match(stderr, /^error ERR_OUTPUT_FILE: stdout .*ENOSPC/);
  assert.equal(status, 1);
});

test("what runs until it is told to stop stops when stdout takes nothing any more", onLinux, (t) => {
  const script = `
    import { onStop } from "#cli/process.ts";
    const lines = setInterval(() => process.stdout.write("a line\\n"), 1);
    const release = onStop((reason) => {
      clearInterval(lines);
      release();
      console.error(reason);
    });`;
  const { status, stderr } = intoFullDisk(t, ["--input-type=module", "-e", script]);
  assert.equal(stderr, "stdout\n");
  assert.equal(status, 0);
});
