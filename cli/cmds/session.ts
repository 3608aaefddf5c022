import type { Command } from "commander";
import { type CommonOptions, examples, wholeNumber, withAll } from "./options.ts";

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
}
