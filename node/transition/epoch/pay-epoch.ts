import { addPayout } from "../accounts.ts";
import { transitionError } from "../errors.ts";
import { requireParameter } from "../parameters.ts";
import type { State } from "../state.ts";
import { isZero, uintToAddress } from "../values.ts";
import { epochEmission, grant, kappa } from "./flk-rewards.ts";
import { redirectShares, revenueShares, splitRevenue } from "./split-revenue.ts";

/** micro-USD and wei of one epoch. */
export interface NodeEarnings {
  revenue: bigint;
  rewardStable: bigint;
  /** that went to the buyback from this node's revenue */
  buyback: bigint;
  rewardFlk: bigint;
}

export interface ServiceEarnings {
  revenue: bigint;
  rewardStable: bigint;
}

export interface EpochEarnings {
  nodes: Map<number, NodeEarnings>;
  services: Map<number, ServiceEarnings>;
  revenue: bigint;
  treasury: bigint;
  buyback: bigint;
  flkMinted: bigint;
}

/** Turns the epoch's revenue into payouts and grants FLK on it (ECO-SPLIT, ECO-CAP). */
export function payEpoch(state: State, closeTime: number): EpochEarnings {
  const earnings = shareRevenue(state);
  grantFlk(state, earnings, closeTime);
  for (const [nodeId, node] of earnings.nodes) {
    addPayout(state, recordOf(state.nodeTable, nodeId).payee, node.rewardStable, node.rewardFlk);
  }
  for (const [serviceId, service] of earnings.services) {
    addPayout(state, recordOf(state.serviceTable, serviceId).owner, service.rewardStable, 0n);
  }
  addPayout(state, uintToAddress(requireParameter(state, "treasury")), earnings.treasury, 0n);
  addPayout(state, uintToAddress(requireParameter(state, "buyback")), earnings.buyback, 0n);
  return earnings;
}

/** @throws ERR_STATE_INCONSISTENT: money must not be dropped */
function recordOf<T>(table: { get(key: string): T | undefined }, id: number): T {
  const record = table.get(String(id));
  if (!record) throw transitionError("ERR_STATE_INCONSISTENT", "revenue of an unknown earner", { id });
  return record;
}

/** Ascending by node, then service, so that payees are made in one order. */
function revenueByNodeAndService(state: State): [node: number, service: number, revenue: bigint][] {
  const sums = new Map<string, [number, number, bigint]>();
  for (const { node, service, revenue } of state.work.values()) {
    const id = `${node}/${service}`;
    sums.set(id, [node, service, (sums.get(id)?.[2] ?? 0n) + revenue]);
  }
  return [...sums.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

function shareRevenue(state: State): EpochEarnings {
  const shares = revenueShares(state);
  const treasury = requireParameter(state, "treasury") !== 0n;
  const buyback = requireParameter(state, "buyback") !== 0n;
  const total: EpochEarnings = {
    nodes: new Map(),
    services: new Map(),
    revenue: 0n,
    treasury: 0n,
    buyback: 0n,
    flkMinted: 0n,
  };
  for (const [nodeId, serviceId, revenue] of revenueByNodeAndService(state)) {
    const owner = state.serviceTable.get(String(serviceId))?.owner;
    const service = owner !== undefined && !isZero(owner);
    const part = redirectShares(splitRevenue(revenue, shares), { service, treasury, buyback });
    const node = total.nodes.get(nodeId) ?? { revenue: 0n, rewardStable: 0n, buyback: 0n, rewardFlk: 0n };
    total.nodes.set(nodeId, {
      revenue: node.revenue + revenue,
      rewardStable: node.rewardStable + part.node,
      buyback: node.buyback + part.buyback,
      rewardFlk: 0n,
    });
    const earned = total.services.get(serviceId) ?? { revenue: 0n, rewardStable: 0n };
    total.services.set(serviceId, {
      revenue: earned.revenue + revenue,
      rewardStable: earned.rewardStable + part.service,
    });
    total.revenue += revenue;
    total.treasury += part.treasury;
    total.buyback += part.buyback;
  }
  return total;
}

function grantFlk(state: State, earnings: EpochEarnings, closeTime: number): void {
  const emission = epochEmission(state, closeTime);
  const kappaBps = kappa(state);
  const price = requireParameter(state, "flkPriceMicroUsd");
  for (const node of earnings.nodes.values()) {
    node.rewardFlk = grant({
      emission: emission.wei,
      revenue: node.revenue,
      totalRevenue: earnings.revenue,
      buyback: node.buyback,
      kappaBps,
      price,
    });
    earnings.flkMinted += node.rewardFlk;
  }
  state.patchMeta({ yearStart: emission.yearStart, supplyAtYearStart: emission.supplyAtYearStart });
}
