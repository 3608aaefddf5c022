import type { Command } from "commander";
import { type CommonOptions, examples, withHome, withJson } from "./options.ts";

export function registerIndexer(program: Command): void {
  const indexer = program.command("indexer").description("serve the network's history over GraphQL");
  withHome(indexer.command("run"))
    .description("follow the L2 and a node, and serve GraphQL until SIGINT or SIGTERM")
    .option("--log-level <level>", "debug, info, warn or error", "info")
    .addHelpText("after", examples("flk indexer run", "DATABASE_URL=postgres://… flk indexer run"))
    .action(async (options: CommonOptions & { logLevel: string }) => {
      const { runIndexer } = await import("../indexer/run.ts");
      await runIndexer(options);
    });
  withHome(indexer.command("serve"))
    .description("serve GraphQL from a PostgreSQL that an `indexer run` elsewhere writes")
    .option("--log-level <level>", "debug, info, warn or error", "info")
    .addHelpText("after", examples("DATABASE_URL=postgres://… flk indexer serve"))
    .action(async (options: CommonOptions & { logLevel: string }) => {
      const { serveIndexer } = await import("../indexer/run.ts");
      await serveIndexer(options);
    });
  withJson(withHome(indexer.command("prune")))
    .description("drop from the PostgreSQL what earlier versions of flk indexed of this network")
    .addHelpText("after", examples("DATABASE_URL=postgres://… flk indexer prune"))
    .action(async (options: CommonOptions) => {
      const { pruneIndexer } = await import("../indexer/run.ts");
      await pruneIndexer(options);
    });
}
