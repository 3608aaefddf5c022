import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toHex } from "#protocol/types/hex.ts";
import { cliError } from "../errors.ts";
import type { Home } from "./home.ts";
import type { Config } from "./schema.ts";

/** Under which id a consensus key is registered with which deployment: kept, so that a restart needs no L2. */
interface Registration {
  chainId: number;
  settlement: string;
  consensusKey: string;
  nodeId: number;
}

export function registrationPath(home: Home): string {
  return join(home.data, "registration.json");
}

function registration(config: Config, consensusKey: Uint8Array, nodeId: number): Registration {
  const { chain_id: chainId, contracts } = config.l2;
  return {
    chainId,
    settlement: contracts.settlement.toLowerCase(),
    consensusKey: toHex(consensusKey),
    nodeId,
  };
}

/** The id that this home remembers for this deployment and key (48 bytes). @throws ERR_REGISTRATION_FILE */
export async function readNodeId(
  home: Home,
  config: Config,
  consensusKey: Uint8Array,
): Promise<number | undefined> {
  const path = registrationPath(home);
  let stored: Partial<Registration>;
  try {
    stored = JSON.parse(await readFile(path, "utf8")) as Partial<Registration>;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unreadable(path, cause);
  }
  const nodeId = stored?.nodeId;
  if (typeof nodeId !== "number" || !Number.isSafeInteger(nodeId) || nodeId < 1) throw unreadable(path);
  const wanted = registration(config, consensusKey, nodeId);
  const fields = ["chainId", "settlement", "consensusKey"] as const;
  return fields.every((field) => stored[field] === wanted[field]) ? nodeId : undefined;
}

export async function writeNodeId(
  home: Home,
  config: Config,
  consensusKey: Uint8Array,
  nodeId: number,
): Promise<void> {
  const path = registrationPath(home);
  await mkdir(home.data, { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, `${JSON.stringify(registration(config, consensusKey, nodeId), null, 2)}\n`, {
    mode: 0o600,
    flush: true,
  });
  await rename(`${path}.new`, path);
}

export async function forgetNodeId(home: Home): Promise<void> {
  await rm(registrationPath(home), { force: true });
}

function unreadable(path: string, cause?: unknown): Error {
  const message = `${path} cannot be read as a registration; remove it, and the id is looked up on the L2`;
  return cliError("ERR_REGISTRATION_FILE", message, { path }, cause);
}
