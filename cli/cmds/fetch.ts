import { type Command, Option } from "commander";
import { type CommonOptions, examples, wholeNumber, withAll, withHome, withJson } from "./options.ts";

export type FetchCommand = CommonOptions & {
  node?: number;
  lane: number;
  deadline: number;
  maxReserve: string;
  maxPrice?: string;
  output?: string;
};

export function registerFetch(program: Command): void {
  registerPrice(program);
  withAll(program.command("fetch"))
    .description("fetch content by its BLAKE3 hash, check it, and sign for what arrives")
    .argument("<hash>", "0x-prefixed BLAKE3 hash")
    .option(
      "--node <id>",
      "id of the node to ask (default: nodes by reputation, until one delivers)",
      wholeNumber(1, 0xffff_ffff),
    )
    .option("--deadline <seconds>", "give up after so long", wholeNumber(1, 1_000_000), 600)
    .option("--lane <n>", "lane number: two fetches at once use two", wholeNumber(0, 1_000_000), 0)
    .option(
      "--max-reserve <usd>",
      "lock at most as much ahead of delivery, at all nodes asked; 0: nothing",
      "1",
    )
    .option("--max-price <usd>", "pay at most so much for 10^9 bytes (default: the price when it begins)")
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

type PriceCommand = CommonOptions & { service: number; commodity: "bandwidth" | "compute" };

function registerPrice(program: Command): void {
  withJson(withHome(program.command("price")))
    .description("show what services charge in this epoch, or what so many bytes (or ms) cost at most")
    .argument("[units]", "bytes, or ms of compute", wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option("--service <id>", "the service", wholeNumber(0, 65_535), 0)
    .addOption(
      new Option("--commodity <name>", "what the units are")
        .choices(["bandwidth", "compute"])
        .default("bandwidth"),
    )
    .addHelpText("after", examples("flk price", "flk price 250000000", "flk price 60000 --commodity compute"))
    .action(async (units: number | undefined, options: PriceCommand) => {
      const { showPrice } = await import("../actions/price.ts");
      await showPrice(units, options);
    });
}
