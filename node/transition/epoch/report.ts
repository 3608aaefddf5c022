import { compareBytes } from "#protocol/types/codec.ts";
import type { Committee } from "#protocol/types/committee.ts";
import type { NodeStanding } from "#protocol/types/reputation.ts";
import type {
  BalanceEntry,
  CommodityUnits,
  EpochReport,
  NodeReport,
  PayoutEntry,
} from "#protocol/types/settlement.ts";
import type { State } from "../state.ts";
import { addCount, addUnits } from "../values.ts";
import type { EpochEarnings } from "./pay-epoch.ts";
import { NEW_STANDING } from "./reputation/standing.ts";

/** What the epoch's settlement commits to by hash (ECO-REPORT). `state`: after payouts, before the roll. */
export function makeReport(
  state: State,
  closeTime: number,
  earnings: EpochEarnings,
  nextCommittee: Committee,
): EpochReport {
  const { epoch, openTime, blocks, transactions } = state.meta.value;
  const work = state.work.values();
  return {
    epoch,
    openTime,
    closeTime,
    blocks,
    transactions,
    lanes: work.reduce((sum, entry) => addCount(sum, entry.lanes), 0),
    deliveries: work.reduce((sum, entry) => addCount(sum, entry.deliveries), 0),
    units: work.reduce((sum, entry) => addUnits(sum, entry.units), 0n),
    revenue: earnings.revenue,
    treasury: earnings.treasury,
    buyback: earnings.buyback,
    flkScheduled: earnings.flkScheduled,
    flkMinted: earnings.flkMinted,
    committee: state.committee().members.map((member) => member.nodeId),
    nextCommittee: nextCommittee.members.map((member) => member.nodeId),
    nodes: nodeReports(state, earnings),
    services: state.services().map(({ serviceId, owner }) => ({
      service: serviceId,
      owner,
      revenue: earnings.services.get(serviceId)?.revenue ?? 0n,
      rewardStable: earnings.services.get(serviceId)?.rewardStable ?? 0n,
    })),
    grants: earnings.grants,
    payouts: payoutEntries(state),
    balances: balanceEntries(state),
  };
}

function nodeReports(state: State, earnings: EpochEarnings): NodeReport[] {
  const work = new Map<number, CommodityUnits[]>();
  for (const { node, ...units } of state.work.values()) work.set(node, [...(work.get(node) ?? []), units]);
  return state.nodes().map((node) => {
    const earned = earnings.nodes.get(node.nodeId);
    return {
      node: node.nodeId,
      owner: node.owner,
      stake: node.stake,
      optedIn: node.optedIn ? 1 : 0,
      reputation: node.reputation,
      standing: standingOf(state, node.nodeId),
      work: (work.get(node.nodeId) ?? []).sort((a, b) => a.service - b.service || a.commodity - b.commodity),
      revenue: earned?.revenue ?? 0n,
      rewardStable: earned?.rewardStable ?? 0n,
      buyback: earned?.buyback ?? 0n,
      scheduledFlk: earned?.scheduledFlk ?? 0n,
      rewardFlk: earned?.rewardFlk ?? 0n,
    };
  });
}

function standingOf(state: State, nodeId: number): NodeStanding {
  const standing = state.reputation.standings.get(String(nodeId));
  const { latency, uptime, throughput, success, trust, credibility } = standing ?? NEW_STANDING;
  const { reporters, out } = standing ?? { reporters: 0, out: 0 };
  return { latency, uptime, throughput, success, trust, credibility, reporters, out };
}

/** Every account that was ever owed a payout. */
function payoutEntries(state: State): PayoutEntry[] {
  return state.accounts
    .values()
    .filter((record) => record.payoutStable > 0n || record.payoutFlk > 0n)
    .map(({ account, payoutStable, payoutFlk }) => ({ account, stable: payoutStable, flk: payoutFlk }))
    .sort((a, b) => compareBytes(a.account, b.account));
}

/** Every account that ever deposited or holds a balance: what the escape hatch is proved against. */
function balanceEntries(state: State): BalanceEntry[] {
  return state.accounts
    .values()
    .filter((record) => record.balance > 0n || record.depositsSeen > 0n)
    .map(({ account, balance, depositsSeen }) => ({ account, balance, depositsSeen }))
    .sort((a, b) => compareBytes(a.account, b.account));
}
