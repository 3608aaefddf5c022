import { type Command, Option } from "commander";
import { type CommonOptions, examples, lightOption, withAll, withHome, withJson } from "./options.ts";

interface CreateOptions extends CommonOptions {
  for: "node" | "client";
  light?: boolean;
}

export function registerKeys(program: Command): void {
  const keys = program.command("keys").description("make and show the keys of a node or a client");

  withAll(keys.command("create"))
    .description("make new encrypted keys; existing ones are never replaced")
    .addOption(
      new Option("--for <persona>", "node: consensus, network and owner key; client: owner and session key")
        .choices(["node", "client"])
        .default("node"),
    )
    .addOption(lightOption())
    .addHelpText(
      "after",
      examples("flk keys create", "flk keys create --for client --password-file secret.txt"),
    )
    .action(async (options: CreateOptions) => {
      const { createKeys } = await import("../actions/keys.ts");
      await createKeys(options);
    });

  withJson(withHome(keys.command("show")))
    .description("print the public keys and the address; no password needed")
    .addHelpText("after", examples("flk keys show", "flk keys show --json"))
    .action(async (options: CommonOptions) => {
      const { showKeys } = await import("../actions/keys.ts");
      await showKeys(options);
    });
}
