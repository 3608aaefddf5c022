import type { Command } from "commander";
import { type CommonOptions, examples, httpUrls, portNumber, wholeNumber, withAll } from "./options.ts";

export interface WatchOptions extends CommonOptions {
  nodeRpcUrl?: string[];
  dir?: string;
  guardian?: string;
  once?: boolean;
  /** seconds */
  timeout: number;
  margin: number;
  metricsPort?: number;
  logLevel: string;
}

const DAY_SECONDS = 86_400;

export function registerWatch(program: Command): void {
  withAll(program.command("watch"))
    .description(
      "recompute every settlement that is posted on the L2 from the chain alone, and raise an alarm when one differs",
    )
    .option(
      "--node-rpc-url <url...>",
      "JSON-RPC of nodes that serve the chain (default: client.node_rpc_url)",
      httpUrls("--node-rpc-url"),
    )
    .option("--dir <dir>", "folder of its own database (default: data/watch in the home)")
    .option("--guardian <keystore>", "key file of the guardian: a settlement that differs is vetoed")
    .option("--once", "end when all that is posted is judged; exit code 1 after an alarm")
    .option(
      "--timeout <seconds>",
      "with --once: how long to wait for the chain",
      wholeNumber(1, DAY_SECONDS),
      600,
    )
    .option(
      "--margin <seconds>",
      "before the activation of a settlement that cannot be recomputed, at most half of its delay: when that is an alarm",
      wholeNumber(0, DAY_SECONDS),
      600,
    )
    .option("--metrics-port <port>", "serve Prometheus metrics", portNumber)
    .option("--log-level <level>", "debug, info, warn or error", "warn")
    .addHelpText(
      "after",
      examples(
        "flk watch --once --node-rpc-url https://a.example:4230 https://b.example:4230",
        "flk watch --json --guardian guardian.json --password-file secret.txt",
      ),
    )
    .action(async (options: WatchOptions) => {
      const { runWatch } = await import("../watch/run.ts");
      await runWatch(options);
    });
}
