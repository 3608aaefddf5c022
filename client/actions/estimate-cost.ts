import { COMMODITY, SERVICE_CDN } from "#protocol/types/ack.ts";
import type { FlkClient } from "../client.ts";
import { costAtMost } from "../cost.ts";
import { clientError } from "../errors.ts";
import { getPrices } from "./get-prices.ts";

/** micro-USD that `units` (bytes, or ms) in one lane cost at most, at the current epoch's price: rounded up. @throws ERR_SERVICE_UNKNOWN */
export async function estimateCost(
  client: FlkClient,
  {
    units,
    service = SERVICE_CDN,
    commodity = COMMODITY.bandwidth,
  }: { units: bigint; service?: number; commodity?: number },
): Promise<bigint> {
  const prices = await getPrices(client);
  const price = prices.find((entry) => entry.service === service)?.prices[commodity];
  if (price === undefined)
    throw clientError("ERR_SERVICE_UNKNOWN", `no service ${service} with a price for commodity ${commodity}`);
  return costAtMost(price, units);
}
