import { getAddress, isAddress, isHex, zeroAddress } from "viem";
import { mnemonicToAccount, privateKeyToAddress } from "viem/accounts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import { deployError } from "./errors.ts";
import { DEVNET_PARAMETERS, type DeployParameters } from "./parameters.ts";

/** The chain id of development nodes: the only one where defaults and publicly known keys are good enough. */
export const DEVELOPMENT_CHAIN = 31_337;

const MNEMONIC = "test test test test test test test test test test test junk";
const UNLOCKED = 20;
const ADDRESSES = ["flkReceiver", "treasury", "buyback", "serviceOwner"] as const;
const KEYS = Object.keys(DEVNET_PARAMETERS) as (keyof DeployParameters)[];

/** @throws ERR_DEPLOY_INPUT unless `text` is an address other than zero, with a right checksum where it has one */
export function readAddress(name: string, text: string): Hex {
  if (!isAddress(text) || text === zeroAddress) {
    throw deployError("ERR_DEPLOY_INPUT", `${name} is not an address: ${text}`, { name });
  }
  return getAddress(text);
}

/** @throws ERR_DEPLOY_INPUT unless `text` is a 32-byte key in hex; the message does not show it */
export function readKey(name: string, text: string): Hex {
  if (!isHex(text) || text.length !== 66) {
    throw deployError("ERR_DEPLOY_INPUT", `${name} is not a key: 0x and 64 hex digits`, { name });
  }
  return text;
}

/**
 * A parameters file: one JSON object with entries of DeployParameters, amounts as decimal strings.
 * @throws ERR_DEPLOY_PARAMETERS for what is not one, an unknown entry, or a value of the wrong kind
 */
export function readParameters(json: string): Partial<DeployParameters> {
  const entries = Object.entries(parseObject(json)).map(([key, value]) => {
    if (!isKey(key)) throw refused(key, "is no parameter");
    return [key, readValue(key, value)];
  });
  return Object.fromEntries(entries) as Partial<DeployParameters>;
}

/**
 * Refuses what is only meant for one machine when `chainId` is not that of a development node.
 * @throws ERR_DEPLOY_CHAIN, ERR_DEPLOY_ACCOUNT
 */
export function assertFitForChain(
  chainId: number,
  options: { deployer: Hex; parameters: Partial<DeployParameters> | undefined; stable: Hex | undefined },
): void {
  if (chainId === DEVELOPMENT_CHAIN) return;
  const { deployer, parameters = {}, stable } = options;
  const missing = KEYS.filter((key) => parameters[key] === undefined);
  if (missing.length > 0) {
    const what = `chain ${chainId} needs every parameter in a file; missing: ${missing.join(", ")}`;
    throw deployError("ERR_DEPLOY_CHAIN", what, { chainId, missing: missing.join(",") });
  }
  if (!stable) {
    throw deployError("ERR_DEPLOY_CHAIN", `chain ${chainId} needs the address of its stablecoin`, {
      chainId,
    });
  }
  const known = new Set(developmentAccounts());
  const holders = [["deployer", deployer], ...ADDRESSES.map((key) => [key, parameters[key]])];
  for (const [name, address] of holders) {
    if (address === undefined || !known.has(getAddress(address))) continue;
    const what = `${name} is ${address}, whose key everybody knows: not for chain ${chainId}`;
    throw deployError("ERR_DEPLOY_ACCOUNT", what, { name: String(name), address, chainId });
  }
}

function developmentAccounts(): Hex[] {
  // Derived from their common parent: each derivation from the mnemonic itself takes 0.1 s.
  const parent = mnemonicToAccount(MNEMONIC, { path: "m/44'/60'/0'/0" }).getHdKey();
  return Array.from({ length: UNLOCKED }, (_, index) => {
    const { privateKey } = parent.deriveChild(index);
    if (!privateKey) throw deployError("ERR_DEPLOY", `development account ${index} has no key`);
    return privateKeyToAddress(toHex(privateKey));
  });
}

function isKey(key: string): key is keyof DeployParameters {
  return (KEYS as string[]).includes(key);
}

function readValue(key: keyof DeployParameters, value: unknown): bigint | string {
  if (typeof value !== "string") throw refused(key, "is not a string");
  if ((ADDRESSES as readonly string[]).includes(key)) {
    if (!isAddress(value) || value === zeroAddress) throw refused(key, "is not an address");
    return getAddress(value);
  }
  if (typeof DEVNET_PARAMETERS[key] === "string") return value;
  if (!/^(0|[1-9][0-9]{0,77})$/.test(value)) throw refused(key, "is not a decimal number in quotes");
  return BigInt(value);
}

function parseObject(json: string): object {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw deployError("ERR_DEPLOY_PARAMETERS", "the parameters file is not JSON", {}, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw deployError("ERR_DEPLOY_PARAMETERS", "the parameters file is not a JSON object");
  }
  return value;
}

function refused(key: string, why: string) {
  return deployError("ERR_DEPLOY_PARAMETERS", `${key} ${why}`, { key });
}
