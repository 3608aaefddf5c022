import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeNodeKeys } from "#cli/actions/keys.ts";
import { configureHome } from "#cli/config/deployment.ts";
import { type Home, resolveHome } from "#cli/config/home.ts";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const MAIN = join(ROOT, "cli", "main.ts");

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A command that runs until it is told to end. */
export interface Running {
  child: ChildProcess;
  ended: Promise<Finished>;
  /** rejects when the process ends before */
  stderrHas(text: RegExp): Promise<void>;
}

/** Runs the real command in its own process. `env` replaces FLK_* of ours. */
export function flk(args: string[], env: Record<string, string> = {}): Promise<Finished> {
  return startFlk(args, env).ended;
}

export function startFlk(args: string[], env: Record<string, string> = {}): Running {
  const { FLK_HOME: _home, FLK_PASSWORD: _password, FLK_DEPLOYER_KEY: _key, ...inherited } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...inherited, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Finished>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
  const stderrHas = (text: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (text.test(stderr)) resolve();
      };
      child.stderr.on("data", look);
      ended.then(() => reject(new Error(`ended before ${text}: ${stderr}`)), reject);
      look();
    });
  return { child, ended, stderrHas };
}

/** A folder that is removed after the test. */
export async function temporaryFolder(t: { after(fn: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "flk-test-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const ADDRESS = `0x${"ab".repeat(20)}` as const;
export const CONTRACTS = {
  flk: ADDRESS,
  stable: ADDRESS,
  staking: ADDRESS,
  vault: ADDRESS,
  settlement: ADDRESS,
  parameters: ADDRESS,
  services: ADDRESS,
  auction: ADDRESS,
};
export const PASSWORD = "correct horse";

export interface Context {
  after(fn: () => void | Promise<void>): void;
}

/** A home with a node's keys and a configuration for chain 31337. */
export async function nodeHome(
  t: Context & { after(fn: () => Promise<void>): void },
  rpcUrl: string,
  portOffset = 15_000,
): Promise<Home> {
  const home = resolveHome(await temporaryFolder(t));
  await makeNodeKeys(home, PASSWORD, true);
  const settings = { rpcUrls: [rpcUrl], publicHost: "127.0.0.1", listenHost: "127.0.0.1", portOffset };
  await configureHome(home, { chainId: 31_337, deployBlock: 0, contracts: CONTRACTS }, settings);
  return home;
}

type Answer = (params: unknown[]) => unknown;

/** An L2 that knows its chain id and what `answers` says; every other call fails. `port` 0 picks a free one. */
export async function fakeL2(
  chainId: number,
  answers: Record<string, Answer> = {},
  port = 0,
): Promise<{ url: string; port: number; close(): Promise<void> }> {
  const known: Record<string, Answer> = { eth_chainId: () => `0x${chainId.toString(16)}`, ...answers };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: unknown[] };
    const answer = known[method];
    const outcome = answer
      ? { result: answer(params) }
      : { error: { code: 3, message: "execution reverted", data: "0x" } };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ jsonrpc: "2.0", id, ...outcome }));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
