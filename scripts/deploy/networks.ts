import { readFile } from "node:fs/promises";
import { getAddress, isAddress, zeroAddress } from "viem";
import { deployError } from "./errors.ts";
import devnet from "./networks/devnet.json" with { type: "json" };
import { ADDRESSES, type DeployParameters, NAMED, TEXTS } from "./parameters.ts";
import { assertRules } from "./rules.ts";

type Key = keyof DeployParameters;

/** Every entry, in the order of the files. */
export const PARAMETERS = Object.keys(devnet) as Key[];

/**
 * For a network on one machine: networks/devnet.json. Its addresses are accounts of the mnemonic that every development node
 * unlocks ("test test … junk").
 */
export const DEVNET_PARAMETERS: DeployParameters = complete(devnet);

/**
 * The parameters of a network, from a file.
 * @throws ERR_DEPLOY_PARAMETERS as `parseNetwork`, or when there is no such file
 */
export async function readNetwork(path: string): Promise<DeployParameters> {
  let json: string;
  try {
    json = await readFile(path, "utf8");
  } catch (cause) {
    throw deployError("ERR_DEPLOY_PARAMETERS", `cannot read ${path}`, { path }, { cause });
  }
  return parseNetwork(json);
}

/**
 * One JSON object with every entry of DeployParameters, numbers as decimal strings.
 * @throws ERR_DEPLOY_PARAMETERS for what is not one, an entry that is unknown, missing or of the wrong kind (`data.key`), or a
 * rule that entries break together
 */
export function parseNetwork(json: string): DeployParameters {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // the parser's message quotes the file, so it is not passed on
    throw deployError("ERR_DEPLOY_PARAMETERS", "the network file is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw deployError("ERR_DEPLOY_PARAMETERS", "the network file is not a JSON object");
  }
  return complete(value);
}

function complete(given: object): DeployParameters {
  const entries = Object.entries(given).map(([key, value]) => {
    if (!isKey(key)) throw refused(key, "is no parameter");
    return [key, readEntry(key, value)];
  });
  const parameters = Object.fromEntries(entries) as DeployParameters;
  const [missing] = PARAMETERS.filter((key) => !Object.hasOwn(parameters, key));
  if (missing !== undefined) throw refused(missing, "is missing");
  assertRules(parameters);
  return parameters;
}

function isKey(key: string): key is Key {
  return (PARAMETERS as string[]).includes(key);
}

function readEntry(key: Key, value: unknown): bigint | string {
  if (typeof value !== "string") throw refused(key, "is not a string");
  if (Object.hasOwn(NAMED, key) && value === NAMED[key as keyof typeof NAMED]) return value;
  if (Object.hasOwn(NAMED, key) || (ADDRESSES as readonly string[]).includes(key)) {
    if (!isAddress(value) || value === zeroAddress) throw refused(key, "is not an address");
    return getAddress(value);
  }
  if ((TEXTS as readonly string[]).includes(key)) return value;
  if (!/^(0|[1-9][0-9]{0,77})$/.test(value)) throw refused(key, "is not a decimal number in quotes");
  return BigInt(value);
}

function refused(key: string, why: string) {
  return deployError("ERR_DEPLOY_PARAMETERS", `${key} ${why}`, { key });
}
