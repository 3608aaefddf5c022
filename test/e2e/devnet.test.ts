import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { DEVNET_DEFAULTS } from "#cli/devnet/options.ts";
import { devnetProxies, shortFaults } from "./faults/short.ts";
import { content, devnet, leftBehind, MAIN, PORT_OFFSET, PORTS, type Result, temporary } from "./support.ts";

const AMOUNT = /^\d+$/;
const NETWORK = { nodes: DEVNET_DEFAULTS.nodes, portOffset: PORT_OFFSET, announceOffset: 50 };

test("four epochs are delivered, settled, claimed, granted by what their buyback burned, and audited, with a node killed in each, one cut off, one that stands still and one that corrupts what it serves", async (t) => {
  const root = await temporary(t);
  const dir = join(root, "net");
  const proxies = await devnetProxies(t, dir, NETWORK);
  const args = ["--epochs", "4", "--epoch-seconds", "20", "--clients", "2", "--kill-one", "--bad-node"];
  const announce = ["--announce-offset", String(NETWORK.announceOffset)];
  const { child, ended, stderrHas } = devnet([...args, ...announce, "--content", await content(root)], dir);
  t.after(() => void child.kill("SIGKILL"));
  await stderrHas(/7\/7 running/);
  await shortFaults(t, proxies, { ...NETWORK, dir });
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
    [0, 1, 2, 3],
  );
  assertAvoided(result);
  for (const epoch of result.epochs) {
    assert.match(String(epoch.settlementTx), /^0x[0-9a-f]{64}$/);
    for (const field of ["gas", "units", "bytes", "ms", "revenue", "flkScheduled", "flkMinted"])
      assert.match(String(epoch[field]), AMOUNT, field);
    assert.equal(BigInt(epoch.units ?? 0), BigInt(epoch.bytes ?? 0) + BigInt(epoch.ms ?? 0));
    assert.ok(Number(epoch.blocks) > 0);
  }
  // on a slow machine the load begins only after epoch 0
  const last = result.epochs.at(-1);
  for (const field of ["lanes", "deliveries", "bytes", "revenue", "flkMinted"]) {
    assert.ok(BigInt(last?.[field] ?? 0) > 0n, field);
  }
  assert.ok(result.epochs.some(({ ms }) => BigInt(ms ?? 0) > 0n));
  for (const field of ["sold", "burned", "counted"])
    assert.ok(BigInt(result.lots[0]?.[field] ?? 0) > 0n, field);
  const roles = new Set(result.accounts.map(({ role }) => role));
  for (const role of ["client", "operator", "service", "treasury", "buyback"])
    assert.ok(roles.has(role), role);
  const fields = ["topUp", "balance", "payoutStable", "payoutFlk", "claimedStable", "claimedFlk"] as const;
  for (const account of result.accounts) {
    for (const field of fields) assert.match(account[field] ?? "", AMOUNT, field);
    assert.equal(account.claimedStable, account.payoutStable, account.role);
    assert.equal(account.claimedFlk, account.payoutFlk, account.role);
  }
  const services = result.accounts.filter(({ role }) => role === "service");
  assert.equal(services.length, 2);
  for (const { payoutStable } of services) assert.ok(BigInt(payoutStable ?? 0) > 0n);
  assert.deepEqual(leftBehind(dir), []);
  assert.ok((await readdir(dir)).includes("node-1"), "--dir keeps the data");
});

/** Who corrupts a fifth of its answers has the lowest score, which fell, and next to none of the last epoch's deliveries. */
function assertAvoided({ epochs, badNode }: Result): void {
  const scores = (epoch: number): number[] =>
    (epochs[epoch]?.nodes ?? []).map(({ reputation }) => reputation);
  const bad = epochs.map(({ nodes }) => nodes.find(({ node }) => node === badNode) ?? assert.fail());
  const [lowest, second] = scores(epochs.length - 1).sort((a, b) => a - b);
  const last = bad.at(-1) ?? assert.fail();
  assert.equal(last.reputation, lowest);
  assert.ok(last.reputation < 20 && (second ?? 0) > 2 * last.reputation, String(scores(epochs.length - 1)));
  const delivered = Number(epochs.at(-1)?.deliveries);
  assert.ok(last.deliveries < 0.05 * delivered, `${last.deliveries} of ${delivered} deliveries`);
}

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
