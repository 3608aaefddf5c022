import type { Command } from "commander";
import { type CommonOptions, examples, withHome, withJson } from "./options.ts";

export function registerFaucet(program: Command): void {
  withJson(withHome(program.command("faucet")))
    .description("play money on a local network: gas money, FLK and stablecoin")
    .argument("[address]", "default: the address of this keystore")
    .addHelpText("after", examples("flk faucet", "flk faucet 0x70997970C51812dc3A010C7d01b50e0d17dc79C8"))
    .action(async (address: string | undefined, options: CommonOptions) => {
      const { openFaucet } = await import("../actions/faucet.ts");
      await openFaucet(address, options);
    });
}
