import type { Command } from "commander";
import { type CommonOptions, examples, withHome } from "./options.ts";

export function registerIndexer(program: Command): void {
  const indexer = program.command("indexer").description("serve the network's history over GraphQL");
  withHome(indexer.command("run"))
    .description("follow the L2 and a node, and serve GraphQL until SIGINT or SIGTERM")
    .option("--log-level <level>", "debug, info, warn or error", "info")
    .addHelpText("after", examples("flk indexer run"))
    .action(async (options: CommonOptions & { logLevel: string }) => {
      const { runIndexer } = await import("../indexer/run.ts");
      await runIndexer(options);
    });
}
