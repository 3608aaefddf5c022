import { type Command, Option } from "commander";
import {
  type CommonOptions,
  examples,
  httpUrl,
  httpUrls,
  lightOption,
  type NodeOptions,
  portNumber,
  wholeNumber,
  withAll,
  withHome,
  withJson,
  withNode,
  withNodeOption,
  withPassword,
} from "./options.ts";

export interface InitOptions extends CommonOptions {
  deployment: string;
  rpcUrl: string[];
  portOffset: number;
  publicPoolPort?: number;
  publicHost: string;
  listenHost: string;
  nodeRpcUrl?: string;
  force?: boolean;
}

export function registerNode(program: Command): void {
  const node = program.command("node").description("configure, register and run a node");

  withJson(withHome(node.command("init")))
    .description("write config.toml")
    .requiredOption(
      "--deployment <file>",
      "the network's contracts: JSON of chainId, deployBlock and contracts",
    )
    .requiredOption(
      "--rpc-url <url...>",
      "JSON-RPC of the L2; two or more are compared",
      httpUrls("--rpc-url"),
    )
    .option("--public-host <host>", "name or address under which others reach this machine", "127.0.0.1")
    .option("--listen-host <host>", "address to listen on", "0.0.0.0")
    .option("--port-offset <n>", "added to every default port", wholeNumber(0, 50_000), 0)
    .option(
      "--public-pool-port <port>",
      "where a router maps another port to the pool (default: the one it listens on)",
      portNumber,
    )
    .option(
      "--node-rpc-url <url>",
      "node that clients and the indexer ask (default: this machine's)",
      httpUrl("--node-rpc-url"),
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

  registerOperation(node);

  withPassword(withHome(node.command("run")))
    .description("run the node until SIGINT or SIGTERM; the log is JSON lines on stderr")
    .option("--log-level <level>", "debug, info, warn or error", "info")
    .addOption(
      new Option("--corrupt-percent <n>", "spoil so much of what is served: for trials")
        .hideHelp()
        .argParser(wholeNumber(0, 100)),
    )
    .addHelpText(
      "after",
      examples("flk node run", "FLK_HOME=/srv/flk flk node run --password-file secret.txt"),
    )
    .action(async (options: CommonOptions & { logLevel: string; corruptPercent?: number }) => {
      const { runNode } = await import("../node/run.ts");
      await runNode(options);
    });
}

/** What the owner, or where it may the operator, changes on the L2. */
function registerOperation(node: Command): void {
  withAll(node.command("rotate-keys"))
    .description("make a new consensus key and register it; it signs from the next committee draw on")
    .addOption(lightOption())
    .addHelpText("after", examples("flk node rotate-keys"))
    .action(async (options: CommonOptions & { light?: boolean }) => {
      const { rotateKeys } = await import("../actions/operate.ts");
      await rotateKeys(options);
    });

  withAll(node.command("rotate-network-key"))
    .description("make a new network key, register it, and put it in the place of the old one")
    .addOption(lightOption())
    .addHelpText("after", examples("flk node rotate-network-key"))
    .action(async (options: CommonOptions & { light?: boolean }) => {
      const { rotateNetworkKey } = await import("../actions/operate.ts");
      await rotateNetworkKey(options);
    });

  withAll(node.command("announce"))
    .description("say on the L2 where this node is reached, as config.toml has it now")
    .addHelpText("after", examples("flk node announce"))
    .action(async (options: CommonOptions) => {
      const { announce } = await import("../actions/operate.ts");
      await announce(options);
    });

  withNode(node.command("set-operator"))
    .description("name who may run the node beside its owner, without touching its funds")
    .argument("<address>", 'an address, or "none"')
    .addHelpText("after", examples("flk node set-operator 0x70997970C51812dc3A010C7d01b50e0d17dc79C8"))
    .action(async (address: string, options: NodeOptions) => {
      const { nameOperator } = await import("../actions/operate.ts");
      await nameOperator(address, options);
    });

  withNode(node.command("set-payee"))
    .description("name the account that is credited for what the node earns from now on")
    .argument("<address>")
    .addHelpText("after", examples("flk node set-payee 0x70997970C51812dc3A010C7d01b50e0d17dc79C8"))
    .action(async (address: string, options: NodeOptions) => {
      const { namePayee } = await import("../actions/operate.ts");
      await namePayee(address, options);
    });

  withNodeOption(withJson(withHome(node.command("show"))))
    .description("show what the L2 has of a node: owner, operator, payee, stake, lock and keys")
    .addHelpText("after", examples("flk node show", "flk node show --node 7 --json"))
    .action(async (options: NodeOptions) => {
      const { showNode } = await import("../actions/node.ts");
      await showNode(options);
    });

  withNodeOption(withJson(withHome(node.command("status"))))
    .description("show a node's reputation, why it is so, how far it is from the floors, and what comes next")
    .addHelpText("after", examples("flk node status", "flk node status --node 7 --json"))
    .action(async (options: NodeOptions) => {
      const { showNodeStatus } = await import("../actions/node-status.ts");
      await showNodeStatus(options);
    });

  for (const [name, optedIn] of [
    ["opt-in", true],
    ["opt-out", false],
  ] as const) {
    withNode(node.command(name))
      .description(`have the node ${optedIn ? "drawn into committees again" : "left out of committee draws"}`)
      .addHelpText("after", examples(`flk node ${name}`))
      .action(async (options: NodeOptions) => {
        const { participate } = await import("../actions/operate.ts");
        await participate(optedIn, options);
      });
  }
}
