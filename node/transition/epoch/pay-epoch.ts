import type { GrantReport } from "#protocol/types/settlement.ts";
import { addPayout } from "../accounts.ts";
import { transitionError } from "../errors.ts";
import { requireParameter } from "../parameters.ts";
import type { State } from "../state.ts";
import { isZero, uintToAddress } from "../values.ts";
import { addPending, takeGrants } from "./flk-grants.ts";
import { boostFactor, boostTerms, epochEmission, scheduledShares } from "./flk-schedule.ts";
import { redirectShares, revenueShares, splitRevenue } from "./split-revenue.ts";

/** micro-USD and wei of one epoch. */
export interface NodeEarnings {
  revenue: bigint;
  rewardStable: bigint;
  /** that went to the buyback from this node's revenue */
  buyback: bigint;
  /** that the schedule has for it, until the lot of the buyback says how much it gets */
  scheduledFlk: bigint;
  /** granted now, for earlier epochs */
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
  /** of the schedule */
  flkScheduled: bigint;
  /** granted now, for earlier epochs */
  flkMinted: bigint;
  grants: GrantReport[];
}

const NOTHING: Readonly<NodeEarnings> = {
  revenue: 0n,
  rewardStable: 0n,
  buyback: 0n,
  scheduledFlk: 0n,
  rewardFlk: 0n,
};

/**
 * Turns the epoch's revenue into payouts, grants the FLK of earlier epochs whose lot has closed, and lets this epoch's wait
 * for its lot (ECO-SPLIT, ECO-CAP). Nodes are paid in ascending order, then services in that of their first revenue.
 */
export function payEpoch(state: State, closeTime: number): EpochEarnings {
  const earnings = shareRevenue(state);
  grantFlk(state, earnings);
  scheduleFlk(state, earnings, closeTime);
  for (const [nodeId, node] of [...earnings.nodes].sort(([a], [b]) => a - b)) {
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
    flkScheduled: 0n,
    flkMinted: 0n,
    grants: [],
  };
  for (const [nodeId, serviceId, revenue] of revenueByNodeAndService(state)) {
    const owner = state.serviceTable.get(String(serviceId))?.owner;
    const service = owner !== undefined && !isZero(owner);
    const part = redirectShares(splitRevenue(revenue, shares), { service, treasury, buyback });
    const node = total.nodes.get(nodeId) ?? NOTHING;
    total.nodes.set(nodeId, {
      ...node,
      revenue: node.revenue + revenue,
      rewardStable: node.rewardStable + part.node,
      buyback: node.buyback + part.buyback,
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

function grantFlk(state: State, earnings: EpochEarnings): void {
  const { byNode, byEpoch } = takeGrants(state);
  for (const [nodeId, rewardFlk] of byNode) {
    earnings.nodes.set(nodeId, { ...(earnings.nodes.get(nodeId) ?? NOTHING), rewardFlk });
    earnings.flkMinted += rewardFlk;
  }
  earnings.grants = byEpoch;
}

function scheduleFlk(state: State, earnings: EpochEarnings, closeTime: number): void {
  const emission = epochEmission(state, closeTime);
  const terms = boostTerms(state);
  const nodes = [...earnings.nodes].sort(([a], [b]) => a - b);
  const weights = nodes.map(([nodeId, { revenue }]) => {
    const { lockedUntil } = recordOf(state.nodeTable, nodeId);
    return revenue * boostFactor(lockedUntil, closeTime, terms);
  });
  const shares = scheduledShares(emission.wei, weights);
  const grants = nodes.map(([node, earned], i) => {
    earned.scheduledFlk = shares[i] ?? 0n;
    return { node, scheduled: earned.scheduledFlk, buyback: earned.buyback };
  });
  addPending(state, grants);
  earnings.flkScheduled = emission.wei;
  state.patchMeta({ yearStart: emission.yearStart, supplyAtYearStart: emission.supplyAtYearStart });
}
