import type { Command } from "commander";
import { type CommonOptions, examples, wholeNumber, withAll } from "./options.ts";

type FetchCommand = CommonOptions & { node?: number; lane: number; maxReserve: string; output?: string };

export function registerFetch(program: Command): void {
  withAll(program.command("fetch"))
    .description("fetch content by its BLAKE3 hash, check it, and sign for what arrives")
    .argument("<hash>", "0x-prefixed BLAKE3 hash")
    .option(
      "--node <id>",
      "id of the node to ask (default: every node in turn until one delivers)",
      wholeNumber(1, 0xffff_ffff),
    )
    .option("--lane <n>", "lane number: two fetches at once use two", wholeNumber(0, 1_000_000), 0)
    .option("--max-reserve <usd>", "lock at most as much for a node ahead of delivery; 0: nothing", "1")
    .option("-o, --output <file>", "write to a file (default: stdout)")
    .addHelpText(
      "after",
      examples("flk fetch 0x7f3c… -o picture.png", "flk fetch 0x7f3c… --node 2 --json -o page.html"),
    )
    .action(async (hash: string, options: FetchCommand) => {
      const { fetchToFile } = await import("../actions/fetch.ts");
      await fetchToFile(hash, options);
    });
}
