import { parseArgs } from "node:util";
import { readDeployed } from "./deployment.ts";
import { verifyDeployment } from "./verify.ts";

const USAGE = `usage: node scripts/check/deployment/main.ts --deployment FILE --rpc-url URL

Asserts every role, owner, link and implementation of a deployment, with tables of its own.
  --deployment FILE  as \`flk deploy --out\` writes it
  --rpc-url URL      the L2
Prints {ok, problems} as JSON. Exit 0: all is as it should be. 1: it is not. 2: it could not be found out.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      deployment: { type: "string" },
      "rpc-url": { type: "string" },
      help: { type: "boolean" },
    },
  });
  const { deployment, "rpc-url": rpcUrl } = values;
  if (values.help || !deployment || !rpcUrl) {
    console.error(USAGE);
    return values.help ? 0 : 2;
  }
  const problems = await verifyDeployment(rpcUrl, await readDeployed(deployment));
  console.log(JSON.stringify({ ok: problems.length === 0, problems }));
  return problems.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : String(error));
  process.exitCode = 2;
}
