import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import {
  createClientKeystore,
  createKeystore,
  keystorePaths,
  rotatedPaths,
  sessionKeyPath,
} from "#node/keys/keystore.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import type { CommonOptions } from "../cmds/options.ts";
import { type Home, resolveHome } from "../config/home.ts";
import { cliError } from "../errors.ts";
import { createOutput } from "../io/output.ts";
import { readPassword } from "../io/password.ts";

export interface PublicKeys {
  /** the newest one */
  consensusKey?: string;
  networkKey?: string;
  owner?: string;
  sessionKey?: string;
}

/** `light`: fast key derivation, for play money. @throws ERR_KEYSTORE_EXISTS and the other keystore codes */
export async function makeNodeKeys(home: Home, password: string, light: boolean): Promise<PublicKeys> {
  const made = await createKeystore({ dir: home.keystore, password, kdf: light ? "light" : "standard" });
  return {
    consensusKey: toHex(made.consensusKey),
    networkKey: toHex(made.networkKey),
    ...(made.owner && { owner: made.owner }),
  };
}

/** An owner key and a session key. @throws as `makeNodeKeys` */
export async function makeClientKeys(home: Home, password: string, light: boolean): Promise<PublicKeys> {
  const kdf = light ? "light" : "standard";
  const { owner, sessionKey } = await createClientKeystore({ dir: home.keystore, password, kdf });
  return { owner, sessionKey: toHex(sessionKey) };
}

export async function createKeys(
  options: CommonOptions & { for: "node" | "client"; light?: boolean },
): Promise<void> {
  const home = resolveHome(options.home);
  const password = await readPassword(options.passwordFile, { confirm: true });
  const make = options.for === "node" ? makeNodeKeys : makeClientKeys;
  printKeys(await make(home, password, options.light === true), home, options);
}

export async function showKeys(options: CommonOptions): Promise<void> {
  const home = resolveHome(options.home);
  const keys = await publicKeys(home);
  if (Object.keys(keys).length === 0) {
    const message = `no keys in ${home.keystore}; flk keys create makes them`;
    throw cliError("ERR_KEYSTORE_MISSING", message, { path: home.keystore });
  }
  printKeys(keys, home, options);
}

/** The address of this keystore, without a password. @throws ERR_KEYSTORE_MISSING */
export async function ownerAddress(home: Home): Promise<`0x${string}`> {
  const { owner } = await publicKeys(home);
  if (owner) return owner as `0x${string}`;
  throw cliError("ERR_KEYSTORE_MISSING", `no owner key in ${home.keystore}; flk keys create makes one`, {
    path: home.keystore,
  });
}

/** The consensus key by which the node is known, 48 bytes, without a password. @throws ERR_KEYSTORE_MISSING, ERR_KEYSTORE_CORRUPT */
export async function firstConsensusKey(home: Home): Promise<Uint8Array> {
  const path = keystorePaths(home.keystore).consensus;
  return (await consensusKeyAt(path)) ?? noConsensusKey(home);
}

/** The consensus keys of this keystore in all versions, without a password. @throws as `firstConsensusKey` */
export async function consensusKeys(home: Home): Promise<Uint8Array[]> {
  const paths = [keystorePaths(home.keystore).consensus, ...(await rotatedPaths(home.keystore))];
  const found = (await Promise.all(paths.map(consensusKeyAt))).filter((key) => key !== undefined);
  return found.length > 0 ? found : noConsensusKey(home);
}

async function consensusKeyAt(path: string): Promise<Uint8Array | undefined> {
  const key = await publicPart(path, "pubkey");
  if (key !== undefined && !/^0x[0-9a-f]{96}$/.test(key)) {
    throw cliError("ERR_KEYSTORE_CORRUPT", `${path} names no consensus key`, { path });
  }
  return key && fromHex(key);
}

function noConsensusKey(home: Home): never {
  const message = `no consensus key in ${home.keystore}; flk keys create makes one`;
  throw cliError("ERR_KEYSTORE_MISSING", message, { path: home.keystore });
}

async function publicKeys(home: Home): Promise<PublicKeys> {
  const paths = keystorePaths(home.keystore);
  const consensus = [paths.consensus, ...(await rotatedPaths(home.keystore))];
  const [consensusKey, networkKey, owner, sessionKey] = await Promise.all([
    publicPart(consensus.at(-1) ?? paths.consensus, "pubkey"),
    publicPart(paths.network, "pubkey"),
    publicPart(paths.owner, "address"),
    publicPart(sessionKeyPath(home.keystore), "pubkey"),
  ]);
  return {
    ...(consensusKey && { consensusKey }),
    ...(networkKey && { networkKey }),
    ...(owner && { owner }),
    ...(sessionKey && { sessionKey }),
  };
}

async function publicPart(path: string, field: "pubkey" | "address"): Promise<Hex | undefined> {
  if (!existsSync(path)) return undefined;
  let value: unknown;
  try {
    value = (JSON.parse(await readFile(path, "utf8")) as Record<string, unknown> | null)?.[field];
  } catch (cause) {
    throw cliError("ERR_KEYSTORE_CORRUPT", `${path} cannot be read as a keystore`, { path }, cause);
  }
  if (typeof value !== "string" || !/^(0x)?[0-9a-fA-F]+$/.test(value)) {
    throw cliError("ERR_KEYSTORE_CORRUPT", `${path} names no key`, { path });
  }
  return `0x${value.replace(/^0x/, "").toLowerCase()}`;
}

function printKeys(keys: PublicKeys, home: Home, options: CommonOptions): void {
  const lines = Object.entries(keys).map(([name, value]) => `${name.padEnd(13)} ${value}`);
  createOutput(options).data({ keystore: home.keystore, ...keys }, [
    `keystore      ${home.keystore}`,
    ...lines,
  ]);
}
