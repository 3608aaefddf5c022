import assert from "node:assert/strict";
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const MAIN = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "cli", "main.ts");
export const PORT_OFFSET = 20_000;
export const PORTS = ["--l2-port", "28545", "--indexer-port", "24000", "--port-offset", String(PORT_OFFSET)];

export interface NodeResult {
  node: number;
  reputation: number;
  deliveries: number;
}

export interface Result {
  epochs: (Record<string, string | number> & { nodes: NodeResult[] })[];
  lots: Record<string, string | number>[];
  accounts: Record<string, string>[];
  badNode: number | null;
  audit: { conserved: boolean; sameStateRoot: boolean; indexerAgrees: boolean; problems: string[] };
}

export interface Run {
  child: ChildProcess;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
  /** in what was written from the given length on */
  stderrHas(text: RegExp, from?: number): Promise<void>;
  stderr(): string;
}

export interface Context {
  after(fn: () => void): void;
}

export function devnet(args: string[], dir: string): Run {
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
  const stderrHas = (text: RegExp, from = 0): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (text.test(stderr.slice(from))) resolve();
      };
      child.stderr?.on("data", look);
      void ended.then(() => reject(new Error(`ended before ${text}: ${stderr}`)));
      look();
    });
  return { child, ended, stderrHas, stderr: () => stderr };
}

export function processes(): string {
  return execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" });
}

/** Processes whose command line names `dir`, or the ports of this test. */
export function leftBehind(dir: string): string[] {
  const lines = processes().split("\n");
  return lines.filter((line) => (line.includes(dir) || line.includes("28545")) && !line.includes("ps -eo"));
}

export async function content(root: string): Promise<string> {
  const dir = join(root, "files");
  await mkdir(dir);
  for (let i = 1; i <= 6; i++) await writeFile(join(dir, `${i}.bin`), Buffer.alloc(60_000 * i, i));
  return dir;
}

export async function temporary(t: { after(fn: () => Promise<void>): void }): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "flk-e2e-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  return root;
}

/** The password is that of the local network's own keystores. */
export function envOf(home: string): NodeJS.ProcessEnv {
  return { ...process.env, FLK_HOME: home, FLK_PASSWORD: "flk-devnet" };
}

/** Runs a command as the persona whose folder is `home`. */
export function flk(
  home: string,
  args: string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const env = envOf(home);
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { env, encoding: "utf8" }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

export async function flkJson<T>(home: string, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await flk(home, [...args, "--json"]);
  assert.equal(code, 0, `flk ${args.join(" ")}: ${stderr}`);
  return JSON.parse(stdout) as T;
}
