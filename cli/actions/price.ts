import { estimateCost } from "#client/actions/estimate-cost.ts";
import { getPrices } from "#client/actions/get-prices.ts";
import { COMMODITY } from "#protocol/types/ack.ts";
import type { CommonOptions } from "../cmds/options.ts";
import { resolveHome } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import { formatStable } from "../io/amounts.ts";
import { createOutput } from "../io/output.ts";
import { table } from "../io/table.ts";
import { readerOf } from "./persona.ts";

const NAMES = new Map<number, string>(Object.entries(COMMODITY).map(([name, number]) => [number, name]));

/** Prices of the current epoch, or with `units` what so many cost at most. */
export async function showPrice(
  units: number | undefined,
  options: CommonOptions & { service: number; commodity: keyof typeof COMMODITY },
): Promise<void> {
  const home = resolveHome(options.home);
  const { node } = readerOf(home, await loadConfig(home));
  const output = createOutput(options);
  if (units !== undefined) {
    const { service } = options;
    const commodity = COMMODITY[options.commodity];
    const cost = await estimateCost(node, { units: BigInt(units), service, commodity });
    output.data({ units, service, commodity: options.commodity, cost }, [`at most ${formatStable(cost)}`]);
    return;
  }
  const services = await getPrices(node);
  const rows = services.flatMap(({ service, prices }) =>
    prices.map((price, at) => [String(service), NAMES.get(at) ?? String(at), formatStable(price)]),
  );
  output.data(services, table(["SERVICE", "COMMODITY", "PER 10^9 UNITS"], rows));
}
