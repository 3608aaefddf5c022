import type { Command } from "commander";
import { type CommonOptions, examples, withHome, withJson } from "./options.ts";

export type EvidenceCommand = CommonOptions & { output?: string };

export function registerEvidence(program: Command): void {
  const evidence = program
    .command("evidence")
    .description("session keys that signed two acknowledgements with one count in one lane");
  withJson(withHome(evidence.command("list")))
    .description("show what the node keeps, or write it to a file that anybody can check")
    .option("-o, --output <file>", "write it to a file")
    .addHelpText("after", examples("flk evidence list", "flk evidence list -o evidence.json"))
    .action(async (options: EvidenceCommand) => {
      const { listEvidence } = await import("../actions/evidence.ts");
      await listEvidence(options);
    });
  withJson(evidence.command("verify"))
    .description("check such a file, without a node and without a network")
    .argument("<file>", "as `flk evidence list` wrote it")
    .addHelpText("after", examples("flk evidence verify evidence.json"))
    .action(async (file: string, options: CommonOptions) => {
      const { verifyEvidence } = await import("../actions/evidence.ts");
      await verifyEvidence(file, options);
    });
}
