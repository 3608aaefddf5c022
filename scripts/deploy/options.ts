import { getAddress, isAddress, isHex, zeroAddress } from "viem";
import { mnemonicToAccount, privateKeyToAddress } from "viem/accounts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import { deployError } from "./errors.ts";
import { PARAMETERS } from "./networks.ts";
import { ADDRESSES, type DeployParameters, NAMED } from "./parameters.ts";

/** The chain id of development nodes: the only one where defaults and publicly known keys are good enough. */
export const DEVELOPMENT_CHAIN = 31_337;

const MNEMONIC = "test test test test test test test test test test test junk";
const UNLOCKED = 20;
const HOLDERS = [...ADDRESSES, ...(Object.keys(NAMED) as (keyof typeof NAMED)[])] as const;

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
 * Refuses what is only meant for one machine when `chainId` is not that of a development node.
 * @throws ERR_DEPLOY_CHAIN, ERR_DEPLOY_ACCOUNT
 */
export function assertFitForChain(
  chainId: number,
  options: { deployer: Hex; parameters: Partial<DeployParameters> | undefined; stable: Hex | undefined },
): void {
  if (chainId === DEVELOPMENT_CHAIN) return;
  const { deployer, parameters = {}, stable } = options;
  const missing = PARAMETERS.filter((key) => parameters[key] === undefined);
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
  for (const [name, address] of [["deployer", deployer], ...HOLDERS.map((key) => [key, parameters[key]])]) {
    if (!address || !isAddress(address) || !known.has(getAddress(address))) continue;
    const what = `${name} is ${address}, whose key everybody knows: not for chain ${chainId}`;
    throw deployError("ERR_DEPLOY_ACCOUNT", what, { name: String(name), address, chainId });
  }
  assertDeployerLeaves(chainId, deployer, parameters);
}

/** @throws ERR_DEPLOY_ACCOUNT when the deployer would keep a role */
function assertDeployerLeaves(chainId: number, deployer: Hex, parameters: Partial<DeployParameters>): void {
  for (const name of ["guardian", "launcher"] as const) {
    const holder = parameters[name];
    if (holder !== "deployer" && holder?.toLowerCase() !== deployer.toLowerCase()) continue;
    const what = `${name} is the deployer, who keeps nothing on chain ${chainId}`;
    throw deployError("ERR_DEPLOY_ACCOUNT", what, { name, address: deployer, chainId });
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
