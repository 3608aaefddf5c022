import type { Command } from "commander";
import {
  type CommonOptions,
  examples,
  type NodeOptions,
  wholeNumber,
  withAll,
  withHome,
  withJson,
  withNode,
  withNodeOption,
} from "./options.ts";

export function registerStake(program: Command): void {
  withNode(program.command("stake"))
    .description("stake FLK on this node")
    .argument("<flk>", "amount, such as 1000 or 0.5")
    .addHelpText("after", examples("flk stake 1000"))
    .action(async (amount: string, options: NodeOptions) => {
      const { stakeNode } = await import("../actions/stake.ts");
      await stakeNode(amount, options);
    });

  withNode(program.command("lock"))
    .description("lock all stake of this node, now and later; a lock is extended and never shortened")
    .argument("<days>", "from now on", wholeNumber(1, 36_500))
    .addHelpText("after", examples("flk lock 365"))
    .action(async (days: number, options: NodeOptions) => {
      const { lockStake } = await import("../actions/stake.ts");
      await lockStake(days, options);
    });

  const unstake = program
    .command("unstake")
    .description("take stake back: request, wait for the thaw, withdraw");
  unstake.on("command:*", ([word = ""]: string[]) => {
    const hint = /^[\d.]+$/.test(word)
      ? `flk unstake request ${word} starts the thaw, and flk unstake withdraw takes it out afterwards`
      : `unknown command '${word}'; there are request, list, cancel and withdraw`;
    unstake.error(`error: ${hint}`, { code: "commander.unknownCommand" });
  });
  withNode(unstake.command("request"))
    .description("start the thaw of a part of the stake")
    .argument("<flk>", "amount")
    .addHelpText("after", examples("flk unstake request 250"))
    .action(async (amount: string, options: NodeOptions) => {
      const { requestUnstake } = await import("../actions/stake.ts");
      await requestUnstake(amount, options);
    });
  withNodeOption(withJson(withHome(unstake.command("list"))))
    .description("show what thaws, until when, and under which number; no password needed")
    .addHelpText("after", examples("flk unstake list"))
    .action(async (options: NodeOptions) => {
      const { listUnstaking } = await import("../actions/stake.ts");
      await listUnstaking(options);
    });
  withNode(unstake.command("cancel"))
    .description("make what thaws under a number stake again")
    .argument("<request>", "as flk unstake list shows it", wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .addHelpText("after", examples("flk unstake cancel 0"))
    .action(async (request: number, options: NodeOptions) => {
      const { cancelUnstake } = await import("../actions/stake.ts");
      await cancelUnstake(BigInt(request), options);
    });
  withNode(unstake.command("withdraw"))
    .description("withdraw everything that has thawed")
    .option("--to <address>", "who gets it (default: the address of this keystore)")
    .addHelpText(
      "after",
      examples(
        "flk unstake withdraw",
        "flk unstake withdraw --to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
      ),
    )
    .action(async (options: NodeOptions & { to?: string }) => {
      const { withdrawStake } = await import("../actions/stake.ts");
      await withdrawStake(options);
    });

  withAll(program.command("slash"))
    .description("show the L2 that a node signed two payloads for one slot; the reporter gets a part")
    .argument("<file>", "JSON: kind, epoch, slot, payloadA, signersA, payloadB, signersB, signature")
    .addHelpText("after", examples("flk slash evidence.json"))
    .action(async (file: string, options: CommonOptions) => {
      const { slash } = await import("../actions/slash.ts");
      await slash(file, options);
    });
}
