import type { Command } from "commander";
import type { DeployCommandOptions } from "../actions/deploy.ts";
import { examples, httpUrl, withJson } from "./options.ts";

export function registerDeploy(program: Command): void {
  withJson(program.command("deploy"))
    .description("deploy the contracts of a network and check them, or check a deployment")
    .option("--network <network>", "parameters: a file, or devnet", "devnet")
    .option("--rpc-url <url>", "JSON-RPC of the L2", httpUrl("--rpc-url"), "http://127.0.0.1:8545")
    .option(
      "--stable <address>",
      "stablecoin with Permit and 6 decimals (default, on a local network: play money)",
    )
    .option("--out <file>", "write the deployment here, for flk node init --deployment")
    .option("--journal <dir>", "keep the steps here, so that a deployment that broke off can go on")
    .option("--verify <file>", "only check the deployment in this file, every role, link and implementation")
    .option(
      "--implementation <contract>",
      "only deploy the new code of a contract, for an upgrade by governance",
    )
    .option(
      "--sources <dir>",
      "only write what Sourcify and explorers need to show the source of every contract",
    )
    .option("--of <file>", "the deployment that --implementation or --sources is for")
    .addHelpText(
      "after",
      `\nThe deployer's key is FLK_DEPLOYER_KEY, or else the first account that the L2 node has unlocked.\n${examples(
        "flk deploy --out deployment.json",
        "flk deploy --network mainnet.json --rpc-url https://l2.example --stable 0xaf88…5831 --out deployment.json",
        "flk deploy --verify deployment.json --rpc-url https://l2.example",
        "flk deploy --sources sources --of deployment.json --rpc-url https://l2.example",
        "flk deploy --implementation vault --of deployment.json --rpc-url https://l2.example",
      )}`,
    )
    .action(async (options: DeployCommandOptions) => {
      const { deploy } = await import("../actions/deploy.ts");
      await deploy(options);
    });
}
