import { BPS } from "#protocol/params/limits.ts";
import { requireParameter, SHARE_KEYS } from "../parameters.ts";
import type { State } from "../state.ts";

/** micro-USD */
export interface Split {
  node: bigint;
  service: bigint;
  treasury: bigint;
  buyback: bigint;
}

export type Shares = readonly [node: bigint, service: bigint, treasury: bigint, buyback: bigint];

/** Basis points of this epoch. */
export function revenueShares(state: State): Shares {
  const [node, service, treasury, buyback] = SHARE_KEYS.map((key) => requireParameter(state, key));
  return [node ?? 0n, service ?? 0n, treasury ?? 0n, buyback ?? 0n];
}

/**
 * Splits the revenue of one (node, service) without loss (ECO-SPLIT): each share is rounded down, what is left over (at
 * most 3 micro-USD) goes one each to node, service, treasury, buyback in that order.
 */
export function splitRevenue(revenue: bigint, shares: Shares): Split {
  const [node, service, treasury, buyback] = shares;
  const part = (share: bigint) => (revenue * share) / BPS;
  const floors = {
    node: part(node),
    service: part(service),
    treasury: part(treasury),
    buyback: part(buyback),
  };
  const left = revenue - floors.node - floors.service - floors.treasury - floors.buyback;
  return {
    node: floors.node + (left > 0n ? 1n : 0n),
    service: floors.service + (left > 1n ? 1n : 0n),
    treasury: floors.treasury + (left > 2n ? 1n : 0n),
    buyback: floors.buyback,
  };
}

/**
 * Shares without a payee (ECO-PAYEE): those of a service without owner and of a missing buyback go to the treasury, and
 * the treasury's stays with the node when there is no treasury.
 */
export function redirectShares(
  split: Split,
  has: { service: boolean; treasury: boolean; buyback: boolean },
): Split {
  let { node, service, treasury, buyback } = split;
  if (!has.service) {
    treasury += service;
    service = 0n;
  }
  if (!has.buyback) {
    treasury += buyback;
    buyback = 0n;
  }
  if (!has.treasury) {
    node += treasury;
    treasury = 0n;
  }
  return { node, service, treasury, buyback };
}
