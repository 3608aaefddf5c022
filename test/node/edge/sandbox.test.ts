import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { eventually } from "#test/node/support/eventually.ts";

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
  const host = fileURLToPath(new URL("./support/host-of-runs.ts", import.meta.url));
  const node = spawn(process.execPath, [host], { stdio: ["ignore", "pipe", "inherit"] });
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
