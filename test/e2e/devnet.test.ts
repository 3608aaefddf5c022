import assert from "node:assert/strict";
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const MAIN = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "cli", "main.ts");
const PORTS = ["--l2-port", "28545", "--indexer-port", "24000", "--port-offset", "20000"];
const AMOUNT = /^\d+$/;

interface Result {
  epochs: Record<string, string | number>[];
  accounts: Record<string, string>[];
  audit: { conserved: boolean; sameStateRoot: boolean; indexerAgrees: boolean; problems: string[] };
}

interface Run {
  child: ChildProcess;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
  stderrHas(text: RegExp): Promise<void>;
}

function devnet(args: string[], dir: string): Run {
  const child = spawn(process.execPath, [MAIN, "devnet", "--json", "--dir", dir, ...PORTS, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
  const stderrHas = (text: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (text.test(stderr)) resolve();
      };
      child.stderr?.on("data", look);
      void ended.then(() => reject(new Error(`ended before ${text}: ${stderr}`)));
      look();
    });
  return { child, ended, stderrHas };
}

/** Processes whose command line names `dir`, or the ports of this test. */
function leftBehind(dir: string): string[] {
  const lines = execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" }).split("\n");
  return lines.filter((line) => (line.includes(dir) || line.includes("28545")) && !line.includes("ps -eo"));
}

async function content(root: string): Promise<string> {
  const dir = join(root, "files");
  await mkdir(dir);
  for (let i = 1; i <= 6; i++) await writeFile(join(dir, `${i}.bin`), Buffer.alloc(60_000 * i, i));
  return dir;
}

async function temporary(t: { after(fn: () => Promise<void>): void }): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "flk-e2e-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  return root;
}

test("two epochs are delivered, settled, claimed and audited, with a node killed in each", async (t) => {
  const root = await temporary(t);
  const dir = join(root, "net");
  const args = ["--epochs", "2", "--epoch-seconds", "20", "--clients", "2", "--kill-one"];
  const { ended } = devnet([...args, "--content", await content(root)], dir);
  const { code, stdout, stderr } = await ended;
  assert.equal(code, 0, stderr);
  const result = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Result;
  assert.deepEqual(result.audit.problems, []);
  assert.deepEqual(
    [result.audit.conserved, result.audit.sameStateRoot, result.audit.indexerAgrees],
    [true, true, true],
  );
  assert.deepEqual(
    result.epochs.map(({ epoch }) => epoch),
    [0, 1],
  );
  for (const epoch of result.epochs) {
    assert.match(String(epoch.settlementTx), /^0x[0-9a-f]{64}$/);
    for (const field of ["gas", "units", "revenue", "flkMinted"])
      assert.match(String(epoch[field]), AMOUNT, field);
    assert.ok(Number(epoch.blocks) > 0);
  }
  // on a slow machine the load begins only after epoch 0
  const [, last] = result.epochs;
  for (const field of ["lanes", "deliveries", "units", "revenue", "flkMinted"]) {
    assert.ok(BigInt(last?.[field] ?? 0) > 0n, field);
  }
  const roles = new Set(result.accounts.map(({ role }) => role));
  for (const role of ["client", "operator", "service", "treasury", "buyback"])
    assert.ok(roles.has(role), role);
  const fields = ["topUp", "balance", "payoutStable", "payoutFlk", "claimedStable", "claimedFlk"] as const;
  for (const account of result.accounts) {
    for (const field of fields) assert.match(account[field] ?? "", AMOUNT, field);
    assert.equal(account.claimedStable, account.payoutStable, account.role);
    assert.equal(account.claimedFlk, account.payoutFlk, account.role);
  }
  assert.deepEqual(leftBehind(dir), []);
  assert.ok((await readdir(dir)).includes("node-1"), "--dir keeps the data");
});

/** Runs a command as the persona whose folder is `home`. */
function flk(home: string, args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const env = { ...process.env, FLK_HOME: home, FLK_PASSWORD: "flk-devnet" };
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { env, encoding: "utf8" }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

async function flkJson<T>(home: string, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await flk(home, [...args, "--json"]);
  assert.equal(code, 0, `flk ${args.join(" ")}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

test("the commands of operators and clients work on a running network, and Ctrl-C ends every process", async (t) => {
  const root = await temporary(t);
  const dir = join(root, "net");
  const files = await content(root);
  const { child, ended, stderrHas } = devnet(
    ["--epoch-seconds", "20", "--clients", "1", "--content", files],
    dir,
  );
  t.after(() => void child.kill("SIGKILL"));
  await stderrHas(/7\/7 running/);

  const operator = join(dir, "node-1");
  const { nodeId } = await flkJson<{ nodeId: number }>(operator, "stake", "25");
  assert.ok(nodeId > 0);
  await flkJson(operator, "unstake", "request", "10");
  const early = await flk(operator, ["unstake", "withdraw"]);
  assert.equal(early.code, 1);
  assert.match(early.stderr, /^error ERR_L2_REVERTED: .*NothingMatured/);
  const again = await flk(operator, ["node", "register"]);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /^error ERR_L2_REVERTED: .*KeyAlreadyUsed/);
  const second = await flk(operator, ["node", "run"]);
  assert.equal(second.code, 1);
  assert.match(second.stderr, /^error ERR_STORE_LOCKED: /m);

  const client = join(dir, "client-1");
  const added = await flkJson<{ files: { hash: string; size: number }[] }>(operator, "content", "add", files);
  const [file] = added.files;
  assert.ok(file);
  const output = join(root, "fetched");
  const lane = ["--lane", "1"];
  const fetched = await flkJson<{ bytes: number }>(client, "fetch", file.hash, "-o", output, ...lane);
  assert.equal(fetched.bytes, file.size);
  assert.equal((await stat(output)).size, file.size);
  const unknown = await flk(client, ["fetch", `0x${"00".repeat(32)}`, "--node", String(nodeId), ...lane]);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /^error ERR_CONTENT_NOT_FOUND: /);

  const { balance } = await flkJson<{ balance: string }>(client, "balance");
  assert.ok(BigInt(balance) > 0n);
  await flkJson(client, "topup", "1.5");
  const twice = await flk(client, ["session", "authorize"]);
  assert.equal(twice.code, 1);
  assert.match(twice.stderr, /^error ERR_SESSION_EXISTS: /);
  await stderrHas(/epoch 0: settled/);
  await flkJson(operator, "claim", "--all");

  child.kill("SIGINT");
  const { code, stderr } = await ended;
  assert.equal(code, 0, stderr);
  assert.deepEqual(leftBehind(dir), []);
});

test("Ctrl-C while it starts, delivered twice as npm does, ends every process and removes the temporary folder", async (t) => {
  const root = await temporary(t);
  const env = { ...process.env, TMPDIR: root };
  const child = spawn(process.execPath, [MAIN, "devnet", ...PORTS], {
    stdio: ["ignore", "pipe", "pipe"],
    env,
  });
  let stdout = "";
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (stdout.includes("3/7 starting")) resolve();
    });
    child.once("close", () => reject(new Error(`ended early: ${stdout}`)));
  });
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  child.kill("SIGINT");
  child.kill("SIGINT");
  assert.equal(await closed, 0);
  assert.deepEqual(leftBehind(root), []);
  assert.deepEqual(
    (await readdir(root)).filter((name) => name.startsWith("flk-devnet-")),
    [],
  );
});
