import type { Command } from "commander";
import { type CommonOptions, examples, withHome, withJson } from "./options.ts";

export type EvidenceCommand = CommonOptions & { output?: string };
export type VerifyEvidenceCommand = CommonOptions & { network?: string };

export function registerEvidence(program: Command): void {
  const evidence = program
    .command("evidence")
    .description("keys that signed two acknowledgements with one count in one lane");
  withJson(withHome(evidence.command("list")))
    .description(
      "show what the node keeps and whether the accounts authorised the keys, or write it to a file that anybody can check",
    )
    .option("-o, --output <file>", "write it to a file")
    .addHelpText("after", examples("flk evidence list", "flk evidence list -o evidence.json"))
    .action(async (options: EvidenceCommand) => {
      const { listEvidence } = await import("../actions/evidence.ts");
      await listEvidence(options);
    });
  withJson(evidence.command("verify"))
    .description(
      "check what such a file proves of keys, without a node; whether an account authorised its key only the chain knows",
    )
    .argument("<file>", "as `flk evidence list` wrote it")
    .option("--network <id>", "refuse a file of another network")
    .addHelpText("after", examples("flk evidence verify evidence.json"))
    .action(async (file: string, options: VerifyEvidenceCommand) => {
      const { verifyEvidence } = await import("../actions/evidence.ts");
      await verifyEvidence(file, options);
    });
}
