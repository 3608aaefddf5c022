import type { Command } from "commander";
import { DEVNET_DEFAULTS, MAX_LOCAL_NODES, MIN_COMMITTEE } from "../devnet/options.ts";
import { examples, portNumber, wholeNumber } from "./options.ts";

interface Options {
  nodes: number;
  committee: number;
  clients: number;
  epochSeconds: number;
  epochs?: number;
  killOne?: boolean;
  badNode?: boolean;
  json?: boolean;
  content?: string[];
  dir?: string;
  l2Port: number;
  indexerPort: number;
  portOffset: number;
  announceOffset: number;
}

export function registerDevnet(program: Command): void {
  const defaults = DEVNET_DEFAULTS;
  program
    .command("devnet")
    .description("run a whole network on this machine: L2, nodes, clients, settlements, claims, GraphQL")
    .option(
      "--epochs <n>",
      "end with a summary and the audit once n epochs are active on the L2 and claimed",
      wholeNumber(1, 100_000),
    )
    .option("--kill-one", "kill a node with SIGKILL in every epoch and restart it")
    .option("--bad-node", "let the last node corrupt a fifth of its answers")
    .option("--json", "print the summary as one JSON object, the last line of stdout")
    .option("--content <dir...>", "folders to serve (default: docs/ and contracts/ of the repository)")
    .option("--nodes <n>", "nodes", wholeNumber(MIN_COMMITTEE, MAX_LOCAL_NODES), defaults.nodes)
    .option(
      "--committee <n>",
      "committee size",
      wholeNumber(MIN_COMMITTEE, MAX_LOCAL_NODES),
      defaults.committee,
    )
    .option("--clients <n>", "clients that fetch all the time", wholeNumber(1, 50), defaults.clients)
    .option("--epoch-seconds <n>", "length of an epoch", wholeNumber(10, 86_400), defaults.epochSeconds)
    .option("--dir <dir>", "keep everything here (default: a temporary folder, removed at the end)")
    .option("--l2-port <port>", "port of the local L2", portNumber, defaults.l2Port)
    .option("--indexer-port <port>", "port of GraphQL", portNumber, defaults.indexerPort)
    .option(
      "--port-offset <n>",
      "added to the ports of every node",
      wholeNumber(0, 50_000),
      defaults.portOffset,
    )
    .option(
      "--announce-offset <n>",
      "added to the pool port that nodes announce, where a proxy is in front of each",
      wholeNumber(0, 10_000),
      defaults.announceOffset,
    )
    .addHelpText(
      "after",
      examples(
        "flk devnet",
        "flk devnet --epochs 3 --json",
        "flk devnet --epochs 3 --kill-one --content ./public",
      ),
    )
    .action(async (options: Options) => {
      const { runDevnet } = await import("../devnet/devnet.ts");
      await runDevnet({
        ...options,
        epochs: options.epochs,
        killOne: options.killOne === true,
        badNode: options.badNode === true,
        json: options.json === true,
        content: options.content ?? [],
        dir: options.dir,
        host: "127.0.0.1",
      });
    });
}
