import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cliError } from "../errors.ts";
import { DEVNET_CHAIN_ID } from "./options.ts";
import type { ProcessSpec } from "./supervisor.ts";

const ARCH: Record<string, string> = { x64: "amd64", arm64: "arm64" };

/** The binary itself: the package's own starter would be one more process between us and it. @throws ERR_PROCESS */
export function anvilBinary(): string {
  const name = `@foundry-rs/anvil-${process.platform}-${ARCH[process.arch] ?? process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    const folder = dirname(require.resolve(`${name}/package.json`));
    const path = join(folder, "bin", process.platform === "win32" ? "anvil.exe" : "anvil");
    if (existsSync(path)) return path;
  } catch (cause) {
    throw cliError(
      "ERR_PROCESS",
      `anvil is not there: ${name} is not installed for this machine`,
      { name },
      cause,
    );
  }
  throw cliError("ERR_PROCESS", `anvil is not there: ${name} has no binary`, { name });
}

const WRAPPER: string = fileURLToPath(new URL("./anvil-process.ts", import.meta.url));

/** `finalized` follows two blocks behind the head. The history stays in memory. */
export function anvilProcess(options: {
  port: number;
  host: string;
  logFile: string;
  blockSeconds: number;
}): ProcessSpec {
  return {
    name: "l2",
    command: process.execPath,
    args: [
      WRAPPER,
      anvilBinary(),
      "--host",
      options.host,
      "--port",
      String(options.port),
      "--chain-id",
      String(DEVNET_CHAIN_ID),
      "--block-time",
      String(options.blockSeconds),
      "--slots-in-an-epoch",
      "1",
      "--hardfork",
      "prague",
      "--silent",
    ],
    logFile: options.logFile,
    lifeline: true,
  };
}
