import type { Command } from "commander";
import type { RegisterOptions } from "../actions/service.ts";
import { type CommonOptions, examples, wholeNumber, withAll, withHome, withJson } from "./options.ts";

const MAX_SERVICE = 65_535;
const MAX_COMMODITY = 7;

export function registerService(program: Command): void {
  const service = program.command("service").description("services, and what they cost");

  withAll(service.command("register"))
    .description("register a service: at once as administrator of the contracts, else as a proposal")
    .requiredOption("--metadata <uri>", "where the service is described")
    .requiredOption(
      "--price <usd...>",
      "per 10^9 units of each commodity: bandwidth in bytes, compute in milliseconds",
    )
    .option("--owner <address>", "who may change prices (default: the owner key)")
    .option("--description <text>", "of the proposal")
    .addHelpText(
      "after",
      examples(
        "flk service register --metadata ipfs://bafy… --price 10 1",
        "flk service register --metadata https://sgx.example --price 0.5 20 --owner 0x7099…79C8",
      ),
    )
    .action(async (options: RegisterOptions) => {
      const { registerService: register } = await import("../actions/service.ts");
      await register(options);
    });

  withJson(withHome(service.command("list")))
    .description("show every service with its owner and prices")
    .addHelpText("after", examples("flk service list", "flk service list --json"))
    .action(async (options: CommonOptions) => {
      const { listServices } = await import("../actions/service.ts");
      await listServices(options);
    });

  withAll(service.command("set-price"))
    .description("change a price of a service that this key owns, from the next epoch on")
    .argument("<service>", "id", wholeNumber(0, MAX_SERVICE))
    .argument("<commodity>", "0 is bandwidth, 1 is compute", wholeNumber(0, MAX_COMMODITY))
    .argument("<usd>", "per 10^9 units, such as 10 or 0.25")
    .addHelpText("after", examples("flk service set-price 1 0 0.25"))
    .action(async (id: number, commodity: number, usd: string, options: CommonOptions) => {
      const { setPrice } = await import("../actions/service.ts");
      await setPrice(id, commodity, usd, options);
    });
}
