import { spawn, spawnSync } from "node:child_process";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { FlkError } from "#protocol/errors/error.ts";
import { freePort } from "../support/free-port.ts";
import { type ProcessUsage, processUsage } from "../support/process-usage.ts";
import { ended } from "../support/processes.ts";
import { CHAIN_ID } from "./events.ts";
import { writePonderApp } from "./ponder-app.ts";

/** The newest that installs from the registry, and what it asks for. */
const PACKAGES = { ponder: "0.16.10", hono: "4.13.19", viem: "2.57.1", typescript: "5.9.3" };
const LOOK_MS = 50;

export const PONDER_VERSION = PACKAGES.ponder;

/** Installs the peer into `directory`, unless it is there. @throws ERR_BENCH_PEER */
export async function installPonder(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const manifest = { name: "peer", private: true, type: "module", dependencies: PACKAGES };
  await writeFile(join(directory, "package.json"), JSON.stringify(manifest));
  const args = ["install", "--no-audit", "--no-fund", "--no-save", "--prefer-offline"];
  const { status, stderr } = spawnSync("npm", args, { cwd: directory, encoding: "utf8" });
  if (status !== 0) throw new FlkError("ERR_BENCH_PEER", `ponder does not install: ${stderr.slice(-500)}`);
}

export interface PonderRun {
  /** ms from the start of its process until it says that all is in */
  ms: number;
  usage: ProcessUsage | undefined;
}

/**
 * Runs `ponder start` until it has indexed what is there, and ends it.
 * @throws ERR_BENCH_PEER
 */
export async function runPonder(options: {
  /** where it is installed */
  peer: string;
  /** of this run's app; what it keeps in files is below it */
  app: string;
  rpcUrl: string;
  /** its embedded database when undefined */
  databaseUrl?: string | undefined;
  limitMs: number;
}): Promise<PonderRun> {
  const { peer, app, rpcUrl, databaseUrl, limitMs } = options;
  await writePonderApp(app);
  await writeFile(join(app, "package.json"), JSON.stringify({ name: "app", private: true, type: "module" }));
  await symlink(join(peer, "node_modules"), join(app, "node_modules"));
  const port = await freePort();
  const start = performance.now();
  const child = spawn(
    process.execPath,
    [
      ...[join(peer, "node_modules/ponder/dist/esm/bin/ponder.js"), "start", "--schema", "bench"],
      ...["--port", String(port), "--hostname", "127.0.0.1", "--log-level", "error"],
    ],
    {
      cwd: app,
      env: {
        ...process.env,
        [`PONDER_RPC_URL_${CHAIN_ID}`]: rpcUrl,
        PONDER_TELEMETRY_DISABLED: "true",
        DATABASE_URL: databaseUrl ?? "",
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2000);
    });
  }
  try {
    while (!(await ready(port))) {
      const late = performance.now() - start > limitMs;
      if (child.exitCode !== null || late) {
        throw new FlkError("ERR_BENCH_PEER", `ponder ${late ? "is not ready in time" : "ended"}: ${said}`);
      }
      await delay(LOOK_MS);
    }
    const ms = performance.now() - start;
    return { ms, usage: await processUsage(child.pid as number) };
  } finally {
    await ended(child, () => void child.kill());
    await rm(join(app, "node_modules"));
  }
}

async function ready(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/ready`)).status === 200;
  } catch {
    // not listening yet
    return false;
  }
}
