import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { getPrice } from "#client/actions/get-prices.ts";
import { createFlkClient } from "#client/client.ts";
import { content, devnet, leftBehind, PORT_OFFSET, processes, type Result, temporary } from "./support.ts";

/** That node 6 of 6 takes, which is not killed. Reads prices alone, for which no contract is needed. */
const node = createFlkClient({
  rpcUrl: `http://127.0.0.1:${PORT_OFFSET + 4_730}`,
  chainId: 31_337,
  settlement: `0x${"00".repeat(20)}`,
});
const price = () => getPrice(node, { service: 0, commodity: 0 });

/** Frozen, not gone: its port takes connections and nobody answers, as with an overloaded provider. */
test("an L2 that is frozen for over 30 s loses nothing, and a node killed meanwhile starts without it", async (t) => {
  const root = await temporary(t);
  const dir = join(root, "net");
  const args = ["--epochs", "3", "--epoch-seconds", "18", "--clients", "1", "--kill-one"];
  const { child, ended, stderrHas, stderr } = devnet([...args, "--content", await content(root)], dir);
  t.after(() => void child.kill("SIGKILL"));
  await stderrHas(/5\/7 serving/);
  const first = await price();
  await stderrHas(/7\/7 running/);
  // the audit asks for payments at two prices: the nodes have the new one from the L2 before it freezes
  for (let i = 0; i < 240 && (await price()) === first; i++) await sleep(250);
  assert.notEqual(await price(), first);
  const anvil = Number(/^\s*(\d+) \S*anvil .*--port 28545 /m.exec(processes())?.[1]);
  assert.ok(anvil > 1, "anvil runs");
  t.after(() => resume(anvil));
  const before = stderr().length;
  process.kill(anvil, "SIGSTOP");
  const frozenAt = Date.now();
  await Promise.all([sleep(32_000), stderrHas(/SIGKILL to/, before), stderrHas(/is up again/, before)]);
  t.diagnostic(`frozen for ${Date.now() - frozenAt} ms`);
  process.kill(anvil, "SIGCONT");
  const done = await ended;
  assert.equal(done.code, 0, done.stderr);
  const result = JSON.parse(done.stdout.trim().split("\n").at(-1) ?? "") as Result;
  assert.deepEqual(result.audit.problems, []);
  assert.deepEqual(
    result.epochs.map(({ epoch }) => epoch),
    [0, 1, 2],
  );
  assert.deepEqual(leftBehind(dir), []);
});

function resume(pid: number): void {
  try {
    process.kill(pid, "SIGCONT");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
