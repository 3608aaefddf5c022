import type { Expect, LotFacts, NodeReportFacts, ReportFacts, Snapshot } from "./snapshot.ts";

const BPS = 10_000n;
const YEAR_MS = 31_536_000_000n;
/** epochs that what an epoch may grant waits for its lot */
const WAIT_EPOCHS = 32;

type Owed = Map<string, bigint>;

/**
 * Recomputes who earned what in every epoch, from the acknowledged revenue and the L2's logs alone: the split, the schedule
 * with its boosts, the grants by what lots burned, and what every payee is owed (docs/spec/economics.md, written again).
 */
export function rewardsFollow(s: Snapshot, expect: Expect): void {
  const reports = s.nodes[0]?.reports ?? [];
  const stable: Owed = new Map();
  const owed: Owed = new Map();
  for (const [i, report] of reports.entries()) {
    const at = `epoch ${report.epoch}`;
    const opened = i === 0 ? s.l2.start.time : reports[i - 1]?.closeTime;
    expect("conserved", `${at}: opens when the one before closes`, report.openTime, opened);
    splitFollows(s, report, expect);
    scheduleFollows(s, report, expect);
    const grants = grantsFollow(s, report, expect);
    for (const [node, flk] of grants) owe(owed, payeeOf(s, node, report.epoch), flk);
    oweStable(s, report, stable);
    stableFollows(report, stable, expect);
    for (const { account, flk } of report.payouts)
      expect("conserved", `${at}: FLK of ${account}`, BigInt(flk), owed.get(account) ?? 0n);
    const listed = sum(report.payouts.map((entry) => BigInt(entry.flk)));
    expect("conserved", `${at}: Σ FLK owed`, listed, sum([...owed.values()]));
  }
  lotsFollow(s, expect);
}

function owe(owed: Owed, account: string, amount: bigint): void {
  owed.set(account, (owed.get(account) ?? 0n) + amount);
}

/** By the shares that `splitFollows` has judged. */
function oweStable(s: Snapshot, report: ReportFacts, owed: Owed): void {
  const { epoch } = report;
  for (const { node, reward } of report.nodes) owe(owed, payeeOf(s, node, epoch), BigInt(reward));
  for (const { owner, reward } of report.services) owe(owed, owner, BigInt(reward));
  owe(owed, addressOf(parameter(s, "treasury", epoch)), BigInt(report.treasury));
  owe(owed, addressOf(parameter(s, "buyback", epoch)), BigInt(report.buyback));
}

/** Who never held a balance has withdrawn nothing: its payouts are what it earned. */
function stableFollows(report: ReportFacts, owed: Owed, expect: Expect): void {
  const holders = new Set(report.balances.map(({ account }) => account));
  const paid = new Map(report.payouts.map(({ account, stable }) => [account, BigInt(stable)]));
  for (const account of new Set([...owed.keys(), ...paid.keys()])) {
    if (holders.has(account)) continue;
    const what = `epoch ${report.epoch}: stablecoin of ${account}`;
    expect("conserved", what, paid.get(account) ?? 0n, owed.get(account) ?? 0n);
  }
}

/** What a lot counts is what it burned for all that the settlement paid the auction for its epochs, and the burn was one. */
function lotsFollow(s: Snapshot, expect: Expect): void {
  const reports = s.nodes[0]?.reports ?? [];
  for (const [i, { auction, fromEpoch, toEpoch, ...lot }] of s.l2.lots.entries()) {
    const paid = (epoch: number): bigint =>
      BigInt(reports[epoch]?.payouts.find(({ account }) => account === auction)?.stable ?? "0");
    const revenue = paid(toEpoch) - paid(fromEpoch - 1);
    const counted = (BigInt(lot.burned) * revenue) / (BigInt(lot.sold) + BigInt(lot.rolled));
    expect("conserved", `lot ${i}: counted`, BigInt(lot.counted), counted);
  }
  const burned = sum(s.l2.lots.map((lot) => BigInt(lot.burned)));
  expect("conserved", "FLK burned = Σ of lots", BigInt(s.l2.flkBurned), burned);
}

function addressOf(value: bigint): string {
  return `0x${value.toString(16).padStart(40, "0")}`;
}

function sum(values: bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}

/** L2 block up to which logs count in `epoch`, and that up to which those that wait for a boundary are in force in it. */
function seenIn(s: Snapshot, epoch: number): number {
  return epoch < 0 ? s.l2.start.block : (s.l2.settlements[epoch]?.l2Number ?? s.l2.start.block);
}

/** In force in `epoch`: as set on the L2 by the close of the epoch before. */
function parameter(s: Snapshot, key: string, epoch: number): bigint {
  const upTo = seenIn(s, epoch - 1);
  const values = s.l2.parameters.filter((log) => log.key === key && log.block <= upTo);
  return BigInt(values.at(-1)?.value ?? "0");
}

function splitFollows(s: Snapshot, report: ReportFacts, expect: Expect): void {
  const { epoch } = report;
  const at = `epoch ${epoch}`;
  const [node = 0n, service = 0n, treasury = 0n, buyback = 0n] = [
    "nodeShareBps",
    "serviceShareBps",
    "treasuryShareBps",
    "buybackShareBps",
  ].map((key) => parameter(s, key, epoch));
  const total = { revenue: 0n, treasury: 0n, buyback: 0n };
  const services = new Map<number, { revenue: bigint; reward: bigint }>();
  for (const entry of report.nodes) {
    let reward = 0n;
    let bought = 0n;
    for (const [id, revenue] of revenueByService(entry)) {
      const floors = [node, service, treasury, buyback].map((share) => (revenue * share) / BPS);
      const left = Number(revenue - sum(floors));
      const parts = floors.map((part, i) => part + (i < left ? 1n : 0n));
      const known = services.get(id) ?? { revenue: 0n, reward: 0n };
      services.set(id, { revenue: known.revenue + revenue, reward: known.reward + (parts[1] ?? 0n) });
      reward += parts[0] ?? 0n;
      bought += parts[3] ?? 0n;
      total.revenue += revenue;
      total.treasury += parts[2] ?? 0n;
    }
    total.buyback += bought;
    const of = `${at}, node ${entry.node}`;
    const earned = sum([...revenueByService(entry).values()]);
    expect("conserved", `${of}: revenue is that of its work`, BigInt(entry.revenue), earned);
    expect("conserved", `${of}: its share`, BigInt(entry.reward), reward);
    expect("conserved", `${of}: its part of the buyback`, BigInt(entry.buyback), bought);
  }
  expect("conserved", `${at}: revenue is that of its nodes`, BigInt(report.revenue), total.revenue);
  expect("conserved", `${at}: treasury`, BigInt(report.treasury), total.treasury);
  expect("conserved", `${at}: buyback`, BigInt(report.buyback), total.buyback);
  for (const { service: id, revenue, reward } of report.services) {
    const wanted = services.get(id);
    services.delete(id);
    expect("conserved", `${at}, service ${id}: revenue`, BigInt(revenue), wanted?.revenue ?? 0n);
    expect("conserved", `${at}, service ${id}: its share`, BigInt(reward), wanted?.reward ?? 0n);
  }
  expect("conserved", `${at}: services that earned and are not listed`, services.size, 0);
}

function revenueByService(node: NodeReportFacts): Map<number, bigint> {
  const revenue = new Map<number, bigint>();
  for (const item of node.work)
    revenue.set(item.service, (revenue.get(item.service) ?? 0n) + BigInt(item.revenue));
  return revenue;
}

/** Of the first protocol year, which no run of this audit outlives. */
function scheduleFollows(s: Snapshot, report: ReportFacts, expect: Expect): void {
  const { epoch, openTime, closeTime } = report;
  const at = `epoch ${epoch}`;
  const inYear = BigInt(closeTime - s.l2.start.time) < YEAR_MS;
  expect("conserved", `${at}: closed in the first year`, inYear, true);
  const rate = parameter(s, "maxInflationBps", epoch) * BigInt(s.l2.start.flkSupply);
  const emission = (rate * BigInt(closeTime - openTime)) / (BPS * YEAR_MS);
  expect("conserved", `${at}: FLK of the schedule`, BigInt(report.flkScheduled), emission);
  const longest = parameter(s, "maxLock", epoch) * 1000n;
  const most = parameter(s, "maxBoostBps", epoch);
  const weights = report.nodes.map(({ node, revenue }) => {
    const locked = s.l2.locks.filter((lock) => lock.nodeId === node && lock.block <= seenIn(s, epoch));
    const left = BigInt(locked.at(-1)?.until ?? "0") * 1000n - BigInt(closeTime);
    const remaining = left < 0n ? 0n : left > longest ? longest : left;
    return BigInt(revenue) * (BPS * longest + (most - BPS) * remaining);
  });
  const total = sum(weights);
  for (const [i, { node, scheduledFlk }] of report.nodes.entries()) {
    const wanted = total === 0n ? 0n : (emission * (weights[i] ?? 0n)) / total;
    expect("conserved", `${at}, node ${node}: its part of the schedule`, BigInt(scheduledFlk), wanted);
  }
}

/** FLK by node that the close of the epoch granted, for the lots that closed in it. */
function grantsFollow(s: Snapshot, report: ReportFacts, expect: Expect): Map<number, bigint> {
  const { epoch } = report;
  const at = `epoch ${epoch}`;
  const byNode = new Map<number, bigint>();
  const lots = s.l2.lots.filter((lot) => lot.block > seenIn(s, epoch - 1) && lot.block <= seenIn(s, epoch));
  const grants = lots.flatMap((lot) => lotGrants(s, lot, epoch, byNode));
  expect("conserved", `${at}: epochs granted`, report.grants.length, grants.length);
  for (const [i, wanted] of grants.sort((a, b) => a.epoch - b.epoch).entries()) {
    const got = report.grants[i];
    const of = `${at}, grant ${i}`;
    expect("conserved", `${of}: is for epoch`, got?.epoch, wanted.epoch);
    expect("conserved", `${of}: buyback of the lot`, got?.lotBuyback, String(wanted.buyback));
    expect("conserved", `${of}: burn of the lot`, got?.lotBurn, String(wanted.burn));
    expect("conserved", `${of}: FLK`, got?.flk, String(wanted.flk));
  }
  for (const { node, rewardFlk } of report.nodes)
    expect("conserved", `${at}, node ${node}: FLK granted`, BigInt(rewardFlk), byNode.get(node) ?? 0n);
  expect("conserved", `${at}: FLK granted`, BigInt(report.flkMinted), sum([...byNode.values()]));
  return byNode;
}

function lotGrants(
  s: Snapshot,
  lot: LotFacts,
  now: number,
  byNode: Map<number, bigint>,
): { epoch: number; buyback: bigint; burn: bigint; flk: bigint }[] {
  const covered = (s.nodes[0]?.reports ?? []).filter(
    ({ epoch }) =>
      epoch >= lot.fromEpoch &&
      epoch <= lot.toEpoch &&
      now - epoch <= WAIT_EPOCHS &&
      parameter(s, "buyback", epoch) === BigInt(lot.auction),
  );
  const parts = (report: ReportFacts) =>
    report.nodes.filter((node) => BigInt(node.scheduledFlk) > 0n && BigInt(node.buyback) > 0n);
  const buyback = sum(covered.flatMap(parts).map((node) => BigInt(node.buyback)));
  const amount = BigInt(lot.sold) + BigInt(lot.rolled);
  const ours = amount === 0n ? 0n : (BigInt(lot.burned) * buyback) / amount;
  const burn = ours < BigInt(lot.counted) ? ours : BigInt(lot.counted);
  return covered.flatMap((report) => {
    const nodes = parts(report);
    if (nodes.length === 0) return [];
    const kappa = parameter(s, "kappaBps", report.epoch);
    let flk = 0n;
    for (const { node, buyback: part, scheduledFlk } of nodes) {
      const cap = (kappa * burn * BigInt(part)) / (BPS * buyback);
      const granted = cap < BigInt(scheduledFlk) ? cap : BigInt(scheduledFlk);
      byNode.set(node, (byNode.get(node) ?? 0n) + granted);
      flk += granted;
    }
    return [{ epoch: report.epoch, buyback, burn, flk }];
  });
}

/** As the L2 said by the close of `epoch`. */
function payeeOf(s: Snapshot, node: number, epoch: number): string {
  const named = s.l2.payees.filter((log) => log.nodeId === node && log.block <= seenIn(s, epoch));
  return named.at(-1)?.payee ?? "nobody";
}
