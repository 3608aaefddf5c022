import type { Command } from "commander";
import { type CommonOptions, examples, withAll } from "./options.ts";

export function registerStake(program: Command): void {
  withAll(program.command("stake"))
    .description("stake FLK on this node")
    .argument("<flk>", "amount, such as 1000 or 0.5")
    .addHelpText("after", examples("flk stake 1000"))
    .action(async (amount: string, options: CommonOptions) => {
      const { stakeNode } = await import("../actions/stake.ts");
      await stakeNode(amount, options);
    });

  const unstake = program
    .command("unstake")
    .description("take stake back: request, wait for the thaw, withdraw");
  unstake.on("command:*", ([word = ""]: string[]) => {
    const hint = /^[\d.]+$/.test(word)
      ? `flk unstake request ${word} starts the thaw, and flk unstake withdraw takes it out afterwards`
      : `unknown command '${word}'; there are request and withdraw`;
    unstake.error(`error: ${hint}`, { code: "commander.unknownCommand" });
  });
  withAll(unstake.command("request"))
    .description("start the thaw of a part of the stake")
    .argument("<flk>", "amount")
    .addHelpText("after", examples("flk unstake request 250"))
    .action(async (amount: string, options: CommonOptions) => {
      const { requestUnstake } = await import("../actions/stake.ts");
      await requestUnstake(amount, options);
    });
  withAll(unstake.command("withdraw"))
    .description("withdraw everything that has thawed, to the owner")
    .addHelpText("after", examples("flk unstake withdraw"))
    .action(async (options: CommonOptions) => {
      const { withdrawStake } = await import("../actions/stake.ts");
      await withdrawStake(options);
    });
}
