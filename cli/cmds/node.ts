import type { Command } from "commander";
import {
  type CommonOptions,
  examples,
  httpUrl,
  httpUrls,
  wholeNumber,
  withAll,
  withHome,
  withPassword,
} from "./options.ts";

export interface InitOptions extends CommonOptions {
  deployment: string;
  rpcUrl: string[];
  portOffset: number;
  publicHost: string;
  listenHost: string;
  nodeRpcUrl?: string;
  force?: boolean;
}

export function registerNode(program: Command): void {
  const node = program.command("node").description("configure, register and run a node");

  withHome(node.command("init"))
    .description("write config.toml")
    .requiredOption(
      "--deployment <file>",
      "the network's contracts: JSON of chainId, deployBlock and contracts",
    )
    .requiredOption("--rpc-url <url...>", "JSON-RPC of the L2; two or more are compared", httpUrls)
    .option("--public-host <host>", "name or address under which others reach this machine", "127.0.0.1")
    .option("--listen-host <host>", "address to listen on", "0.0.0.0")
    .option("--port-offset <n>", "added to every default port", wholeNumber(0, 50_000), 0)
    .option(
      "--node-rpc-url <url>",
      "node that clients and the indexer ask (default: this machine's)",
      httpUrl,
    )
    .option("--force", "replace an existing config.toml")
    .addHelpText(
      "after",
      examples("flk node init --deployment flk.json --rpc-url https://l2.example --public-host node.example"),
    )
    .action(async (options: InitOptions) => {
      const { initHome } = await import("../actions/init.ts");
      await initHome(options);
    });

  withAll(node.command("register"))
    .description("register this node on the L2, proving possession of its consensus key")
    .option("--stake <flk>", "stake as much in the same step")
    .addHelpText("after", examples("flk node register", "flk node register --stake 1000"))
    .action(async (options: CommonOptions & { stake?: string }) => {
      const { registerNode: register } = await import("../actions/stake.ts");
      await register(options);
    });

  withPassword(withHome(node.command("run")))
    .description("run the node until SIGINT or SIGTERM; the log is JSON lines on stderr")
    .option("--log-level <level>", "debug, info, warn or error", "info")
    .addHelpText(
      "after",
      examples("flk node run", "FLK_HOME=/srv/flk flk node run --password-file secret.txt"),
    )
    .action(async (options: CommonOptions & { logLevel: string }) => {
      const { runNode } = await import("../node/run.ts");
      await runNode(options);
    });
}
