import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { errorCode } from "#protocol/errors/error.ts";
import { type DeployOptions, deployAll } from "./deploy-all.ts";
import { deployError } from "./errors.ts";
import { readAddress, readKey, readParameters } from "./options.ts";

const USAGE = `usage: node scripts/deploy/main.ts [--rpc-url URL] [--stable ADDRESS] [--parameters FILE]
Deploys all contracts and prints their addresses as JSON.
  --rpc-url URL      the L2 (default http://127.0.0.1:8545)
  --stable ADDRESS   an existing stablecoin with Permit and 6 decimals
  --parameters FILE  JSON with the entries of DeployParameters (scripts/deploy/parameters.ts), numbers as decimal strings
A development chain (id 31337) has defaults for the last two; elsewhere both are needed, with every parameter.
The deployer is FLK_DEPLOYER_KEY (0x…) or else the first account that the L2 node has unlocked.`;

async function readOptions(): Promise<DeployOptions | undefined> {
  const { values } = parseArgs({
    options: {
      "rpc-url": { type: "string", default: "http://127.0.0.1:8545" },
      stable: { type: "string" },
      parameters: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const key = process.env.FLK_DEPLOYER_KEY;
  const { stable, parameters } = values;
  return {
    rpcUrl: values["rpc-url"],
    ...(stable !== undefined && { stable: readAddress("--stable", stable) }),
    ...(parameters !== undefined && { parameters: readParameters(await readText(parameters)) }),
    ...(key && { deployerKey: readKey("FLK_DEPLOYER_KEY", key) }),
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw deployError("ERR_DEPLOY_PARAMETERS", `cannot read ${path}`, { path }, { cause });
  }
}

try {
  const options = await readOptions();
  console.log(options ? JSON.stringify(await deployAll(options), null, 2) : USAGE);
} catch (error) {
  console.error(`${errorCode(error)}: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
