import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { FlkError } from "#protocol/errors/error.ts";
import { ROOT } from "#scripts/deploy/hardhat.ts";
import { ended } from "./support/processes.ts";

const START_TIMEOUT_MS = 15_000;

/** A local EVM of its own on a free port; every transaction is a block, unless told. */
export interface Anvil {
  rpcUrl: string;
  stop(): Promise<void>;
}

export interface AnvilOptions {
  /** whose gas prices apply */
  hardfork: string;
  /** Unix seconds at which its clock starts */
  timestamp: number;
  /** blocks of its epochs, 1 unless told: two of them behind the newest block is the final one */
  slots?: number;
  /** more of its arguments */
  extra?: readonly string[];
}

/** @throws ERR_BENCH_ANVIL when it does not come up within 15 s */
export async function startAnvil({
  hardfork,
  timestamp,
  slots = 1,
  extra = [],
}: AnvilOptions): Promise<Anvil> {
  const clock = ["--timestamp", String(timestamp), "--slots-in-an-epoch", String(slots)];
  const args = ["--port", "0", "--hardfork", hardfork, ...clock, ...extra];
  const child = spawn(join(ROOT, "node_modules", ".bin", "anvil"), args, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stop = () => ended(child, () => void child.kill());
  try {
    return { rpcUrl: `http://${await listening(child)}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The address it says that it listens on. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new FlkError("ERR_BENCH_ANVIL", `anvil ${why}`));
    const timer = setTimeout(() => fail(`is not up after ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
    const settle = (): void => clearTimeout(timer);
    let said = "";
    const read = (chunk: Buffer): void => {
      said += chunk.toString();
      const address = /Listening on (\S+)\n/.exec(said)?.[1];
      if (!address) return;
      settle();
      child.stdout?.off("data", read).resume();
      resolve(address);
    };
    child.stdout?.on("data", read);
    child.once("error", (error) => {
      settle();
      fail(`did not start: ${error.message}`);
    });
    child.once("exit", (code, signal) => {
      settle();
      fail(`ended with ${code ?? signal}`);
    });
  });
}
