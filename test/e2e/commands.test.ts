import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Context,
  content,
  devnet,
  envOf,
  flk,
  flkJson,
  leftBehind,
  MAIN,
  temporary,
} from "./support.ts";

/** The steps of the README: an operator and a client who join the running network with nothing but its deployment.json. */
async function newcomers(t: Context, root: string, dir: string): Promise<void> {
  const deployment = ["--deployment", join(dir, "deployment.json"), "--rpc-url", "http://127.0.0.1:28545"];
  const operator = join(root, "operator");
  const local = ["--port-offset", "21000", "--listen-host", "127.0.0.1"];
  assert.equal((await flk(operator, ["node", "init", ...deployment, ...local])).code, 0);
  await flkJson(operator, "keys", "create", "--light");
  await flkJson(operator, "faucet");
  const { nodeId } = await flkJson<{ nodeId: number }>(operator, "node", "register", "--stake", "10000");
  const files = join(root, "own-files");
  await mkdir(files);
  await writeFile(join(files, "own.bin"), Buffer.alloc(100_000, 77));
  const { files: added } = await flkJson<{ files: { hash: string }[] }>(operator, "content", "add", files);
  const hash = added[0]?.hash ?? "";
  const node = spawn(process.execPath, [MAIN, "node", "run"], { env: envOf(operator), stdio: "ignore" });
  t.after(() => void node.kill("SIGKILL"));
  await until("the node is ready", async () => (await fetch("http://127.0.0.1:25230/ready")).ok);

  const client = join(root, "client");
  const init = ["node", "init", ...deployment, "--node-rpc-url", "http://127.0.0.1:24230"];
  assert.equal((await flk(client, init)).code, 0);
  await flkJson(client, "keys", "create", "--for", "client", "--light");
  await flkJson(client, "faucet");
  await flkJson(client, "topup", "10");
  await until("the top-up is final", async () => (await balanceOf(client)).balance === "10000000");
  await flkJson(client, "session", "authorize");
  const output = join(root, "own-fetched");
  const fetched = await flkJson<{ node: number }>(client, "fetch", hash, "-o", output);
  assert.equal(fetched.node, nodeId, "no other node has it");
  assert.deepEqual(await readFile(output), Buffer.alloc(100_000, 77));
  await until(
    "the delivery is paid for",
    async () => BigInt((await balanceOf(client)).balance) < 10_000_000n,
  );
  await until("the operator's claim", async () => {
    await flkJson(operator, "claim");
    return BigInt((await balanceOf(operator)).claimedStable) > 0n;
  });
  const status = await flkJson<{ nodeId: number; now: { score: number } }>(operator, "node", "status");
  assert.equal(status.nodeId, nodeId);
  assert.ok(status.now.score > 0, "it is new, and may have been observed for an epoch");
  const page = await (await fetch("http://127.0.0.1:25290/status")).json();
  assert.deepEqual([page.node, page.waits_for], [nodeId, null]);
  await flkJson(operator, "unstake", "request", "250");
  const closed = new Promise<number | null>((resolve) => node.once("close", resolve));
  node.kill("SIGINT");
  assert.equal(await closed, 0);
}

function balanceOf(home: string): Promise<{ balance: string; claimedStable: string }> {
  return flkJson(home, "balance");
}

async function until(what: string, check: () => Promise<boolean>, timeoutMs = 90_000): Promise<void> {
  let last: unknown;
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; ) {
    try {
      if (await check()) return;
    } catch (error) {
      last = error;
    }
    await sleep(500);
  }
  assert.fail(`${what}: not within ${timeoutMs} ms (${last})`);
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
  await newcomers(t, root, dir);

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
  assert.match(twice.stderr, /^error ERR_SESSION_EXISTS: .*flk session rotate/);
  await flkJson(client, "session", "rotate", "--light");
  await flkJson(client, "fetch", file.hash, "-o", output);
  await stderrHas(/epoch 0: active/);
  await flkJson(operator, "claim", "--all");

  child.kill("SIGINT");
  const { code, stderr } = await ended;
  assert.equal(code, 0, stderr);
  assert.deepEqual(leftBehind(dir), []);
});
