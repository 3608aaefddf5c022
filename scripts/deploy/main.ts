import { parseArgs } from "node:util";
import { errorCode } from "#protocol/errors/error.ts";
import { type DeployOptions, deployAll } from "./deploy-all.ts";

const USAGE = `usage: node scripts/deploy/main.ts [--rpc-url URL] [--stable ADDRESS]
Deploys all contracts with devnet parameters and prints their addresses as JSON.
The deployer is FLK_DEPLOYER_KEY (0x…) or else the first account that the L2 node has unlocked.`;

function readOptions(): DeployOptions | undefined {
  const { values } = parseArgs({
    options: {
      "rpc-url": { type: "string", default: "http://127.0.0.1:8545" },
      stable: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const key = process.env.FLK_DEPLOYER_KEY;
  return {
    rpcUrl: values["rpc-url"],
    ...(values.stable ? { stable: values.stable as `0x${string}` } : {}),
    ...(key ? { deployerKey: key as `0x${string}` } : {}),
  };
}

try {
  const options = readOptions();
  console.log(options ? JSON.stringify(await deployAll(options), null, 2) : USAGE);
} catch (error) {
  console.error(`${errorCode(error)}: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
