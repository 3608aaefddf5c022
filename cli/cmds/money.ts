import type { Command } from "commander";
import { type CommonOptions, examples, withAll, withHome, withJson } from "./options.ts";

export function registerMoney(program: Command): void {
  withAll(program.command("topup"))
    .description("pay stablecoin into a protocol balance, with a Permit signature")
    .argument("<usd>", "amount, such as 10 or 0.25")
    .option("--for <address>", "whose balance (default: your own)")
    .addHelpText(
      "after",
      examples("flk topup 10", "flk topup 5 --for 0x70997970C51812dc3A010C7d01b50e0d17dc79C8"),
    )
    .action(async (amount: string, options: CommonOptions & { for?: string }) => {
      const { topUp } = await import("../actions/money.ts");
      await topUp(amount, options);
    });

  withJson(withHome(program.command("balance")))
    .description("show balance, payouts and what is claimed")
    .argument("[address]", "default: the address of this keystore")
    .addHelpText(
      "after",
      examples("flk balance", "flk balance 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --json"),
    )
    .action(async (address: string | undefined, options: CommonOptions) => {
      const { showBalance } = await import("../actions/money.ts");
      await showBalance(address, options);
    });

  withAll(program.command("claim"))
    .description("claim settled payouts on the L2; anyone may claim for anyone")
    .argument("[addresses...]", "default: the address of this keystore")
    .option("--all", "every account that is owed something")
    .addHelpText("after", examples("flk claim", "flk claim --all --json"))
    .action(async (addresses: string[], options: CommonOptions & { all?: boolean }) => {
      const { claimPayouts } = await import("../actions/money.ts");
      await claimPayouts(addresses, options);
    });
}
