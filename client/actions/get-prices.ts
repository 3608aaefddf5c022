import type { FlkClient } from "../client.ts";
import { amount, integer, list, object } from "../rpc/json.ts";

export interface ServicePrices {
  service: number;
  /** micro-USD per 10^9 units, by commodity */
  prices: bigint[];
}

/** micro-USD per 10^9 units in the current epoch; 0 for what is not offered. */
export async function getPrice(
  client: FlkClient,
  { service, commodity }: { service: number; commodity: number },
): Promise<bigint> {
  const prices = await getPrices(client);
  return prices.find((entry) => entry.service === service)?.prices[commodity] ?? 0n;
}

/** Prices of the current epoch. */
export async function getPrices(client: FlkClient): Promise<ServicePrices[]> {
  return list(await client.request("flk_get_services", []), "services").map((value) => {
    const service = object(value, "service");
    return {
      service: integer(service.service_id, "service_id"),
      prices: list(service.prices, "prices").map((price) => amount(price, "price")),
    };
  });
}
