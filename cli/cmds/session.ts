import type { Command } from "commander";
import { type CommonOptions, examples, lightOption, wholeNumber, withAll } from "./options.ts";

type DelegateCommand = CommonOptions & { limit: string; origin?: string; epochs: number; key?: string };

export type AllowanceCommand = CommonOptions & { limit: string; epochs: number };

function withAllowance(command: Command): Command {
  return withAll(command)
    .option("--limit <usd>", "at most as much per epoch", "1")
    .option("--epochs <n>", "valid for as many epochs, this one included", wholeNumber(1, 1_000_000), 30);
}

export function registerSession(program: Command): void {
  const session = program.command("session").description("keys that may spend a part of your balance");
  withAllowance(session.command("authorize"))
    .description("let the session key of this keystore acknowledge deliveries for you; a key serves once")
    .addHelpText("after", examples("flk session authorize", "flk session authorize --limit 0.5 --epochs 7"))
    .action(async (options: AllowanceCommand) => {
      const { authorizeSession } = await import("../actions/session.ts");
      await authorizeSession(options);
    });
  withAllowance(session.command("rotate"))
    .description("make a new session key and authorise it, when the present one expires or was revoked")
    .addOption(lightOption())
    .addHelpText("after", examples("flk session rotate", "flk session rotate --limit 0.5 --epochs 7"))
    .action(async (options: AllowanceCommand & { light?: boolean }) => {
      const { rotateSession } = await import("../actions/session.ts");
      await rotateSession(options);
    });
  withAll(session.command("revoke"))
    .description(
      "end a session key: nodes serve it for nothing new, and are paid for what they served before",
    )
    .option("--key <hex>", "its public key (default: that of this keystore)")
    .addHelpText("after", examples("flk session revoke", "flk session revoke --key 0x7f3c… --json"))
    .action(async (options: CommonOptions & { key?: string }) => {
      const { revokeSession } = await import("../actions/session.ts");
      await revokeSession(options);
    });
  withAll(session.command("delegate"))
    .description(
      "let another key spend a part of the session key's limit, such as one that a web page carries",
    )
    .requiredOption("--limit <usd>", "at most as much per epoch")
    .option("--origin <origin>", "only for pages of it, such as https://example.com (default: any client)")
    .option("--epochs <n>", "valid for as many epochs, this one included", wholeNumber(1, 1_000_000), 7)
    .option("--key <hex>", "its public key (default: a new key, whose secret is printed)")
    .addHelpText(
      "after",
      examples("flk session delegate --origin https://example.com --limit 0.01 --epochs 7 --json"),
    )
    .action(async (options: DelegateCommand) => {
      const { delegateSession } = await import("../actions/session.ts");
      await delegateSession(options);
    });
}
