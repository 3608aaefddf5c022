import type { Command } from "commander";
import { type CommonOptions, examples, withHome, withJson } from "./options.ts";

export interface ExportOptions extends CommonOptions {
  out: string;
  force?: boolean;
}

/** Below `flk node`: what the node signed, to be moved with its keys. */
export function registerProtection(program: Command): void {
  const node = program.commands.find((command) => command.name() === "node") ?? program;
  const protection = node
    .command("protection")
    .description("what the node signed, to be moved with its keys");

  withJson(withHome(protection.command("export")))
    .description(
      "write what the node signed to a file; the node must be stopped, and stay so if the keys move",
    )
    .requiredOption("--out <file>", "JSON file to write")
    .option("--force", "replace an existing file")
    .addHelpText("after", examples("flk node protection export --out protection.json"))
    .action(async (options: ExportOptions) => {
      const { exportToFile } = await import("../actions/protection.ts");
      await exportToFile(options);
    });

  withJson(withHome(protection.command("import")))
    .description("add what an export says to what is recorded here; the node must be stopped")
    .argument("<file>", "JSON file of an export")
    .addHelpText("after", examples("flk node protection import protection.json"))
    .action(async (file: string, options: CommonOptions) => {
      const { importFromFile } = await import("../actions/protection.ts");
      await importFromFile(file, options);
    });
}
