import type { Command } from "commander";
import { type CommonOptions, examples, wholeNumber, withAll } from "./options.ts";

type DelegateCommand = CommonOptions & { limit: string; origin?: string; epochs: number; key?: string };

export function registerSession(program: Command): void {
  const session = program.command("session").description("keys that may spend a part of your balance");
  withAll(session.command("authorize"))
    .description("let the session key of this keystore acknowledge deliveries for you")
    .option("--limit <usd>", "at most as much per epoch", "1")
    .option("--epochs <n>", "valid for as many epochs, this one included", wholeNumber(1, 1_000_000), 30)
    .addHelpText("after", examples("flk session authorize", "flk session authorize --limit 0.5 --epochs 7"))
    .action(async (options: CommonOptions & { limit: string; epochs: number }) => {
      const { authorizeSession } = await import("../actions/session.ts");
      await authorizeSession(options);
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
