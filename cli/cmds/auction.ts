import type { Command } from "commander";
import { type CommonOptions, examples, withAll, withHome, withJson } from "./options.ts";

export type BidCommand = CommonOptions & { maxFlk: string };

export function registerAuction(program: Command): void {
  const auction = program
    .command("auction")
    .description("the buyback: stablecoin of each epoch's revenue for FLK that is burned");
  withJson(withHome(auction.command("show")))
    .description("show the newest lot and what it costs now")
    .addHelpText("after", examples("flk auction show", "flk auction show --json"))
    .action(async (options: CommonOptions) => {
      const { showLot } = await import("../actions/auction.ts");
      await showLot(options);
    });
  withAll(auction.command("bid"))
    .description("buy of the lot on sale at the price of the moment; the FLK is burned")
    .argument("<usd>", "how much of it, or `all` for what is left")
    .requiredOption("--max-flk <flk>", "pay at most so much")
    .addHelpText(
      "after",
      examples("flk auction bid all --max-flk 40", "flk auction bid 2.5 --max-flk 10 --json"),
    )
    .action(async (amount: string, options: BidCommand) => {
      const { bidForLot } = await import("../actions/auction.ts");
      await bidForLot(amount, options);
    });
  withAll(auction.command("open"))
    .description("put the buyback of the epochs since the last lot on sale; anyone may")
    .addHelpText("after", examples("flk auction open"))
    .action(async (options: CommonOptions) => {
      const { openNextLot } = await import("../actions/auction.ts");
      await openNextLot(options);
    });
  withAll(auction.command("close"))
    .description("close a lot whose time is over, so that its epochs are granted what it burned; anyone may")
    .addHelpText("after", examples("flk auction close"))
    .action(async (options: CommonOptions) => {
      const { closeNewestLot } = await import("../actions/auction.ts");
      await closeNewestLot(options);
    });
}
