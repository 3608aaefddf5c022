import { chmod, mkdir, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Ed25519Signer, ed25519Signer, secureRandom } from "#crypto";
import { type BlsSigner, blsKeygen, blsSigner } from "#protocol/crypto/bls.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { encryptEip2335, readEip2335 } from "./eip2335.ts";
import { keystoreError } from "./errors.ts";
import type { Kdf } from "./kdf.ts";
import { type AccountKey, encryptAccountKey, readAccountKey } from "./web3-storage.ts";
import { finishKeyFiles, type KeyFile, writeKeyFiles } from "./write-key-files.ts";

/** Public halves of a keystore, fit to be shown. */
export interface KeystoreIdentity {
  /** 48 bytes, BLS12-381 G1 */
  consensusKey: Uint8Array;
  /** 32 bytes, Ed25519 */
  networkKey: Uint8Array;
  owner: Hex | undefined;
}

export interface OpenKeystore {
  /** the first one, by which the node is known */
  consensus: BlsSigner;
  /** those made by `addConsensusKey`, oldest first */
  rotated: BlsSigner[];
  network: Ed25519Signer;
  /** 32 bytes, for the libp2p identity */
  networkSeed: Uint8Array;
  /** present when the owner's key is kept on this machine */
  owner?: AccountKey;
}

const CONSENSUS_DESCRIPTION = "flk consensus key (BLS12-381)";
const ED25519_DESCRIPTIONS = {
  network: "flk network key (Ed25519 seed)",
  session: "flk session key (Ed25519 seed)",
} as const;
const NAMES = { consensus: "consensus.json", network: "network.json", owner: "owner.json" } as const;
const SESSION = "session.json";

export function keystorePaths(dir: string): { consensus: string; network: string; owner: string } {
  return {
    consensus: join(dir, NAMES.consensus),
    network: join(dir, NAMES.network),
    owner: join(dir, NAMES.owner),
  };
}

/** Of a client's keystore. */
export function sessionKeyPath(dir: string): string {
  return join(dir, SESSION);
}

/** Where rotated consensus keys are, oldest first. */
export async function rotatedPaths(dir: string): Promise<string[]> {
  const names = await readdir(dir).catch(() => []);
  const numbers = names.map((name) => /^consensus-([1-9]\d*)\.json$/.exec(name)?.[1]).filter(isDefined);
  return numbers.sort((a, b) => Number(a) - Number(b)).map((number) => rotatedPath(dir, Number(number)));
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}

function rotatedPath(dir: string, number: number): string {
  return join(dir, `consensus-${number}.json`);
}

/**
 * Makes one more consensus key, which `rotateKeys` of the SDK registers. The ones before are kept: they sign until the epochs that
 * were drawn with them end. @throws ERR_KEYSTORE_PASSWORD when empty, ERR_KEYSTORE_IO
 */
export async function addConsensusKey(options: {
  dir: string;
  password: string;
  kdf: Kdf;
}): Promise<BlsSigner> {
  const { dir, password, kdf } = options;
  assertPassword(password, dir);
  const secret = blsKeygen(secureRandom(32));
  const key = { secret, publicKey: publicKeyOfSecret(secret), description: CONSENSUS_DESCRIPTION };
  const name = basename(rotatedPath(dir, (await rotatedPaths(dir)).length + 1));
  await writeKeyFiles(dir, [{ name, text: await encryptEip2335(key, password, kdf) }]);
  return blsSigner(secret);
}

/** @throws ERR_KEYSTORE_PASSWORD when empty */
export function assertPassword(password: string, dir: string): void {
  if (password.length === 0) {
    throw keystoreError("ERR_KEYSTORE_PASSWORD", `no password for the keystore ${dir}`, { path: dir });
  }
}

const publicKeyOfSeed = (seed: Uint8Array) => ed25519Signer(seed).publicKey;
const publicKeyOfSecret = (secret: Uint8Array) => blsSigner(secret).publicKey;

/**
 * Makes a node's keys in `dir`: consensus.json and network.json (EIP-2335), and owner.json (Web3 Secret Storage v3)
 * unless `owner` is "none"; `owner` may also be an existing 32-byte private key. Folder 0700, files 0600. All of them or none,
 * also when the process ends on the way.
 * @throws ERR_KEYSTORE_EXISTS, ERR_KEYSTORE_PASSWORD when empty, ERR_KEYSTORE_IO
 */
export async function createKeystore(options: {
  dir: string;
  password: string;
  /** "light" for tests and throw-away networks only */
  kdf: Kdf;
  owner?: "generate" | "none" | Uint8Array;
}): Promise<KeystoreIdentity> {
  const { dir, password, kdf, owner = "generate" } = options;
  assertPassword(password, dir);
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await chmod(dir, 0o700);
  } catch (cause) {
    throw keystoreError("ERR_KEYSTORE_IO", `cannot make the folder ${dir}`, { path: dir }, { cause });
  }
  const secret = blsKeygen(secureRandom(32));
  const consensusKey = publicKeyOfSecret(secret);
  const consensus = { secret, publicKey: consensusKey, description: CONSENSUS_DESCRIPTION };
  const network = await newEd25519("network", password, kdf);
  const files: KeyFile[] = [
    { name: NAMES.consensus, text: await encryptEip2335(consensus, password, kdf) },
    { name: NAMES.network, text: network.text },
  ];
  let address: Hex | undefined;
  if (owner !== "none") {
    const ownerKey = owner === "generate" ? secureRandom(32) : owner;
    const { text, key } = await encryptAccountKey(ownerKey, password, kdf);
    files.push({ name: NAMES.owner, text });
    address = key.address;
  }
  await writeKeyFiles(dir, files);
  return { consensusKey, networkKey: network.signer.publicKey, owner: address };
}

/** Kinds of Ed25519 keys. */
export type Ed25519Kind = keyof typeof ED25519_DESCRIPTIONS;

/** A new key, and the text of its EIP-2335 file. */
export async function newEd25519(
  kind: Ed25519Kind,
  password: string,
  kdf: Kdf,
): Promise<{ signer: Ed25519Signer; text: string }> {
  const secret = secureRandom(32);
  const signer = ed25519Signer(secret);
  const key = { secret, publicKey: signer.publicKey, description: ED25519_DESCRIPTIONS[kind] };
  return { signer, text: await encryptEip2335(key, password, kdf) };
}

/** Makes a client's keys in `dir`: owner.json and session.json, both or none. @throws ERR_KEYSTORE_EXISTS, ERR_KEYSTORE_PASSWORD when empty, ERR_KEYSTORE_IO */
export async function createClientKeystore(options: {
  dir: string;
  password: string;
  kdf: Kdf;
}): Promise<{ owner: Hex; sessionKey: Uint8Array }> {
  const { dir, password, kdf } = options;
  assertPassword(password, dir);
  const { text, key } = await encryptAccountKey(secureRandom(32), password, kdf);
  const session = await newEd25519("session", password, kdf);
  await writeKeyFiles(dir, [
    { name: NAMES.owner, text },
    { name: SESSION, text: session.text },
  ]);
  return { owner: key.address, sessionKey: session.signer.publicKey };
}

/**
 * Decrypts a node's keys.
 * @throws ERR_KEYSTORE_MISSING, ERR_KEYSTORE_PASSWORD, ERR_KEYSTORE_CORRUPT, ERR_KEYSTORE_IO; `data.path` names the file
 */
export async function openKeystore(options: { dir: string; password: string }): Promise<OpenKeystore> {
  const { dir, password } = options;
  assertPassword(password, dir);
  await finishKeyFiles(dir);
  const paths = keystorePaths(dir);
  const [secret, rotated, networkSeed, owner] = await Promise.all([
    readEip2335(paths.consensus, password, publicKeyOfSecret),
    rotatedPaths(dir).then((files) =>
      Promise.all(files.map((path) => readEip2335(path, password, publicKeyOfSecret))),
    ),
    readEip2335(paths.network, password, publicKeyOfSeed),
    readOwner(paths.owner, password),
  ]);
  return {
    consensus: blsSigner(secret),
    rotated: rotated.map(blsSigner),
    network: ed25519Signer(networkSeed),
    networkSeed,
    ...(owner && { owner }),
  };
}

async function readOwner(path: string, password: string): Promise<AccountKey | undefined> {
  try {
    return await readAccountKey(path, password);
  } catch (error) {
    if (isFlkError(error, "ERR_KEYSTORE_MISSING")) return undefined;
    throw error;
  }
}
