import type { Command } from "commander";
import { type CommonOptions, examples, withHome, withJson } from "./options.ts";

export function registerContent(program: Command): void {
  const content = program.command("content").description("what this node serves");
  withJson(withHome(content.command("add")))
    .description("put every file of folders into the content store of this node")
    .argument("<folder...>")
    .addHelpText("after", examples("flk content add ./public", "flk content add ./public --json"))
    .action(async (folders: string[], options: CommonOptions) => {
      const { addContent } = await import("../actions/content.ts");
      await addContent(folders, options);
    });
}
