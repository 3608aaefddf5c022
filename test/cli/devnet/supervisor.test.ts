import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type ProcessSpec, Supervisor } from "#cli/devnet/supervisor.ts";
import { temporaryFolder } from "../support.ts";

const STAYS = "setInterval(() => {}, 1000);";
const SERVES = `process.send("up"); process.on("disconnect", () => process.exit()); ${STAYS}`;

function spec(folder: string, name: string, code: string): ProcessSpec {
  return {
    name,
    command: process.execPath,
    args: ["-e", code],
    logFile: join(folder, `${name}.log`),
    lifeline: true,
  };
}

function noCrash(error: Error): void {
  assert.fail(error);
}

test("a process is up by its own word, and down after a kill, and up again after a restart", async (t) => {
  const folder = await temporaryFolder(t);
  const supervisor = new Supervisor(noCrash);
  await supervisor.start(spec(folder, "a", `console.log("began"); ${SERVES}`));
  assert.equal(supervisor.state("a"), "starting");
  await supervisor.waitUp("a", 10_000);
  assert.equal(supervisor.state("a"), "up");
  assert.ok(Number(supervisor.pid("a")) > 1);
  await supervisor.kill("a");
  assert.equal(supervisor.state("a"), "down");
  assert.equal(supervisor.pid("a"), undefined);
  await supervisor.restart("a");
  await supervisor.waitUp("a", 10_000);
  await supervisor.stop();
  assert.equal(supervisor.state("a"), "down");
  assert.equal(await readFile(join(folder, "a.log"), "utf8"), "began\nbegan\n");
});

test("a process that ends by itself is reported with its name, its code and the end of its log", async (t) => {
  const folder = await temporaryFolder(t);
  const crash = await new Promise<Error>((resolve) => {
    const supervisor = new Supervisor(resolve);
    void supervisor.start(spec(folder, "b", `console.error("error ERR_X: broken"); process.exitCode = 3;`));
  });
  assert.equal((crash as Error & { code: string }).code, "ERR_PROCESS");
  assert.match(crash.message, /^b ended with code 3; .*error ERR_X: broken$/s);
});

test("waiting for a process that ends before it serves fails at once", async (t) => {
  const folder = await temporaryFolder(t);
  const supervisor = new Supervisor(() => undefined);
  await supervisor.start(spec(folder, "c", "process.exitCode = 1"));
  await assert.rejects(supervisor.waitUp("c", 60_000), { code: "ERR_PROCESS" });
});

test("stop also ends a process that ignores SIGTERM, and nothing starts afterwards", async (t) => {
  const folder = await temporaryFolder(t);
  const supervisor = new Supervisor(noCrash, 200);
  await supervisor.start(spec(folder, "d", `process.on("SIGTERM", () => {}); process.send("up"); ${STAYS}`));
  await supervisor.waitUp("d", 10_000);
  await supervisor.stop();
  assert.equal(supervisor.state("d"), "down");
  await assert.rejects(supervisor.start(spec(folder, "e", STAYS)), { code: "ERR_INTERRUPTED" });
});

test("killNow leaves nothing when our own process ends", async (t) => {
  const folder = await temporaryFolder(t);
  const supervisor = new Supervisor(noCrash);
  await supervisor.start(spec(folder, "g", SERVES));
  await supervisor.waitUp("g", 10_000);
  supervisor.killNow();
  await supervisor.stop();
  assert.equal(supervisor.state("g"), "down");
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function soon(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    if (await holds()) return;
    await sleep(20);
  }
  assert.fail(`${what}: not within 10 s`);
}

/** The pid that a process printed into its log; it does not outlive the test. */
async function printedPid(t: { after(fn: () => void): void }, folder: string, name: string): Promise<number> {
  let pid = 0;
  await soon(`the pid of ${name}`, async () => {
    const text = await readFile(join(folder, `${name}.log`), "utf8").catch(() => "");
    pid = Number(/pid (\d+)\n/.exec(text)?.[1] ?? 0);
    return pid > 0;
  });
  t.after(() => {
    if (isAlive(pid)) process.kill(pid, "SIGKILL");
  });
  return pid;
}

function gone(pid: number): Promise<void> {
  return soon(`the end of process ${pid}`, () => !isAlive(pid));
}

const FROZEN =
  "process.on('SIGTERM', () => {}); console.log('pid ' + process.pid); setInterval(() => {}, 1000);";
const WRAPPER = fileURLToPath(new URL("../../../cli/devnet/anvil-process.ts", import.meta.url));

function wrapped(folder: string, name: string): ProcessSpec {
  return { ...spec(folder, name, ""), args: [WRAPPER, process.execPath, "-e", FROZEN] };
}

test("what a process started goes with it, whether it is stopped, killed or ends by itself", async (t) => {
  const folder = await temporaryFolder(t);
  const supervisor = new Supervisor(() => undefined, 200);
  await supervisor.start(wrapped(folder, "h"));
  await supervisor.start(wrapped(folder, "i"));
  await supervisor.start({
    ...wrapped(folder, "j"),
    args: [
      "-e",
      `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(FROZEN)}],
      { stdio: "inherit" }).once("spawn", () => setTimeout(() => process.exit(1), 300));`,
    ],
  });
  const pids = await Promise.all(["h", "i", "j"].map((name) => printedPid(t, folder, name)));
  await supervisor.kill("h");
  await supervisor.stop();
  await Promise.all(pids.map(gone));
});

test("when our own process is killed, the L2 without a lifeline of its own goes too", async (t) => {
  const folder = await temporaryFolder(t);
  const specOf = JSON.stringify(wrapped(folder, "k"));
  const supervisorPath = new URL("../../../cli/devnet/supervisor.ts", import.meta.url).href;
  const ours = spawn(process.execPath, [
    "--input-type=module",
    "-e",
    `import { Supervisor } from ${JSON.stringify(supervisorPath)};
     await new Supervisor(() => {}).start(${specOf});`,
  ]);
  t.after(() => void ours.kill("SIGKILL"));
  const pid = await printedPid(t, folder, "k");
  ours.kill("SIGKILL");
  await gone(pid);
});

test("a command that does not exist is ERR_PROCESS", async (t) => {
  const folder = await temporaryFolder(t);
  const supervisor = new Supervisor(() => undefined);
  const missing = { ...spec(folder, "f", ""), command: join(folder, "nothing-here") };
  await assert.rejects(supervisor.start(missing), { code: "ERR_PROCESS", message: /f cannot be started/ });
  await supervisor.stop();
});
