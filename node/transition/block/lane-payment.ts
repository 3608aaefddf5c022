import { PRICE_UNITS } from "#protocol/params/limits.ts";
import type { Ack } from "#protocol/types/ack.ts";
import type { ServiceRecord } from "../records.ts";

/** micro-USD per 10^9 units of the ack's epoch; undefined when the service did not offer the commodity then. */
export function lanePrice(service: ServiceRecord, ack: Ack, epoch: number): bigint | undefined {
  return (ack.epoch === epoch ? service.prices : service.previousPrices)[ack.commodity];
}

/** Cumulative: micro-USD that `units` of one lane cost in all (ECO-LANE). */
export function laneCost(price: bigint, units: bigint): bigint {
  return (price * units) / PRICE_UNITS;
}

/**
 * How far a lane can go from `recorded` towards `units` with `money` micro-USD (ECO-PARTIAL): the highest units whose
 * cost is covered, and exactly that cost.
 */
export function payable(
  price: bigint,
  recorded: bigint,
  units: bigint,
  money: bigint,
): { units: bigint; amount: bigint } {
  const paid = laneCost(price, recorded);
  const amount = laneCost(price, units) - paid;
  if (amount <= money) return { units, amount };
  const reachable = ((paid + money + 1n) * PRICE_UNITS - 1n) / price;
  return { units: reachable, amount: laneCost(price, reachable) - paid };
}
