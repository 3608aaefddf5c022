import { readFile } from "node:fs/promises";
import { isAddress } from "viem";
import { PLAIN, PROXIES, type ProxyName } from "./facts.ts";

type Hex = `0x${string}`;

/** A deployment as its file says it. */
export interface Deployed {
  chainId: number;
  networkId: Hex;
  fromBlock: bigint;
  /** by name: contracts, and the accounts that have roles */
  addresses: ReadonlyMap<string, Hex>;
  implementations: Record<ProxyName, Hex>;
}

const ACCOUNTS = ["deployer", "guardian", "launcher"];
const NAMES = [...Object.keys(PROXIES), ...Object.keys(PLAIN), "stable", ...ACCOUNTS];

/** @throws Error naming what the file lacks */
export async function readDeployed(path: string): Promise<Deployed> {
  const file: unknown = JSON.parse(await readFile(path, "utf8"));
  const entries = object(file);
  const address = (from: Record<string, unknown>, name: string): Hex => {
    const value = from[name];
    if (typeof value === "string" && isAddress(value, { strict: false })) return value.toLowerCase() as Hex;
    throw new Error(`${path}: ${name} is not an address`);
  };
  const behind = object(entries.implementations);
  const names = Object.keys(PROXIES) as ProxyName[];
  const { chainId, fromBlock, networkId } = entries;
  if (typeof chainId !== "number" || typeof fromBlock !== "number" || typeof networkId !== "string") {
    throw new Error(`${path}: chainId, fromBlock and networkId must be there`);
  }
  return {
    chainId,
    networkId: networkId as Hex,
    fromBlock: BigInt(fromBlock),
    addresses: new Map(NAMES.map((name) => [name, address(entries, name)])),
    implementations: Object.fromEntries(names.map((name) => [name, address(behind, name)])) as Record<
      ProxyName,
      Hex
    >,
  };
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
