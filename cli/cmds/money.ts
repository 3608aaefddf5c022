import type { Command } from "commander";
import { type CommonOptions, examples, wholeNumber, withAll, withHome, withJson } from "./options.ts";

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

  registerAuthorization(program);

  withAll(program.command("withdraw"))
    .description("turn balance into a payout, which flk claim pays once the epoch is active")
    .argument("<usd>", "amount")
    .option("--on-l2", "ask for it on the L2: where nodes do not take your transactions")
    .addHelpText("after", examples("flk withdraw 2.5", "flk withdraw 2.5 --on-l2"))
    .action(async (amount: string, options: CommonOptions & { onL2?: boolean }) => {
      const { withdraw } = await import("../actions/exit.ts");
      await withdraw(amount, options);
    });

  registerClaims(program);
  registerExit(program);
}

function registerClaims(program: Command): void {
  withAll(program.command("activate"))
    .description("make settlements active that are due; nodes and flk claim do it too")
    .addHelpText("after", examples("flk activate"))
    .action(async (options: CommonOptions) => {
      const { activate } = await import("../actions/money.ts");
      await activate(options);
    });

  withAll(program.command("claim-to"))
    .description("name where claims of your account go, whoever claims")
    .argument("<address>", 'an address, or "self"')
    .addHelpText("after", examples("flk claim-to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8"))
    .action(async (address: string, options: CommonOptions) => {
      const { claimTo } = await import("../actions/money.ts");
      await claimTo(address, options);
    });

  withAll(program.command("claim"))
    .description("claim payouts of the newest active settlement on the L2; anyone may claim for anyone")
    .argument("[addresses...]", "default: the address of this keystore")
    .option("--all", "every account that is owed something")
    .addHelpText("after", examples("flk claim", "flk claim --all --json"))
    .action(async (addresses: string[], options: CommonOptions & { all?: boolean }) => {
      const { claimPayouts } = await import("../actions/money.ts");
      await claimPayouts(addresses, options);
    });
}

/** A top-up that one signs and another one, who has ETH, submits. */
function registerAuthorization(program: Command): void {
  const authorization = program
    .command("authorization")
    .description("top up without ETH: sign an ERC-3009 authorization that somebody else submits");
  withAll(authorization.command("sign"))
    .description("sign a top-up; whoever submits it can change nothing")
    .argument("<usd>", "amount")
    .option("--for <address>", "whose balance (default: your own)")
    .option("--hours <n>", "good for as long", wholeNumber(1, 8_760), 24)
    .requiredOption("--out <file>", "the file to make")
    .addHelpText("after", examples("flk authorization sign 10 --out topup.json"))
    .action(async (amount: string, options: CommonOptions & { for?: string; hours: number; out: string }) => {
      const { signTopUp } = await import("../actions/authorization.ts");
      await signTopUp(amount, options);
    });
  withAll(authorization.command("submit"))
    .description("submit a signed top-up, and pay its gas")
    .argument("<file>")
    .addHelpText("after", examples("flk authorization submit topup.json"))
    .action(async (file: string, options: CommonOptions) => {
      const { submitTopUp } = await import("../actions/authorization.ts");
      await submitTopUp(file, options);
    });
}

/** What is left when nothing settles any more. */
function registerExit(program: Command): void {
  withAll(program.command("freeze"))
    .description("stop a settlement in which nothing became active for the escape delay; anyone may")
    .addHelpText("after", examples("flk freeze"))
    .action(async (options: CommonOptions) => {
      const { freeze } = await import("../actions/exit.ts");
      await freeze(options);
    });
  withAll(program.command("escape"))
    .description("take a balance out of the vault while the settlement is frozen; anyone may for anyone")
    .argument("[address]", "default: the address of this keystore")
    .option("--report <file>", "SSZ of the last active epoch's report (default: asked of the node)")
    .addHelpText("after", examples("flk escape", "flk escape --report epoch-41.ssz"))
    .action(async (address: string | undefined, options: CommonOptions & { report?: string }) => {
      const { leaveVault } = await import("../actions/exit.ts");
      await leaveVault(address, options);
    });
}
