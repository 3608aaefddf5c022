import { type Hex, keccak256 } from "viem";
import { merkleRoot } from "./merkle.ts";
import { paymentsFollow } from "./payments.ts";
import { rewardsFollow } from "./rewards.ts";
import type { Expect, NodeReportFacts, Problem, ReportFacts, SettlementFacts, Snapshot } from "./snapshot.ts";
import { variety } from "./variety.ts";

/** Judges a snapshot; no problem means the audit holds. */
export function verify(snapshot: Snapshot): Problem[] {
  const problems: Problem[] = [];
  const expect: Expect = (area, what, got, wanted) => {
    if (got !== wanted) problems.push({ area, text: `${what}: ${String(got)}, expected ${String(wanted)}` });
  };
  settlementsAreWhole(snapshot, expect);
  activationsAreInOrder(snapshot, expect);
  reportsMatchSettlements(snapshot, expect);
  moneyIsConserved(snapshot, expect);
  flkIsConserved(snapshot, expect);
  stakeIsConserved(snapshot, expect);
  paymentsFollow(snapshot, expect);
  rewardsFollow(snapshot, expect);
  nodesAgree(snapshot, expect);
  indexerAgrees(snapshot, expect);
  rewardsIndexed(snapshot, expect);
  somethingHappened(snapshot, problems);
  return problems;
}

function sum(values: string[]): bigint {
  return values.reduce((total, value) => total + BigInt(value), 0n);
}

function last<T>(list: T[]): T | undefined {
  return list[list.length - 1];
}

function settlementsAreWhole(s: Snapshot, expect: Expect): void {
  expect("conserved", "enough epochs settled", s.l2.settlements.length >= s.epochs, true);
  for (const [i, settlement] of s.l2.settlements.entries()) {
    expect("conserved", `settlement ${i} is of epoch`, settlement.epoch, i);
    const before = s.l2.settlements[i - 1];
    if (!before) continue;
    for (const field of ["totalPayoutStable", "totalPayoutFlk"] as const) {
      expect(
        "conserved",
        `epoch ${i}: ${field} never falls`,
        BigInt(settlement[field]) >= BigInt(before[field]),
        true,
      );
    }
    expect("conserved", `epoch ${i} was posted after epoch ${i - 1}`, settlement.block >= before.block, true);
  }
}

/** Settlements become active in the order in which they were posted. */
function activationsAreInOrder(s: Snapshot, expect: Expect): void {
  expect("conserved", "enough epochs active", s.l2.activations.length >= s.epochs, true);
  for (const [i, activation] of s.l2.activations.entries()) {
    expect("conserved", `activation ${i} is of epoch`, activation.epoch, i);
    const posted = s.l2.settlements[i];
    expect("conserved", `epoch ${i} was posted`, posted !== undefined, true);
    if (posted)
      expect("conserved", `epoch ${i} was active after it was posted`, activation.block > posted.block, true);
  }
}

function newestActive(s: Snapshot): SettlementFacts | undefined {
  return s.l2.settlements[s.l2.activations.length - 1];
}

function reportsMatchSettlements(s: Snapshot, expect: Expect): void {
  for (const [n, node] of s.nodes.entries()) {
    expect("sameStateRoot", `node ${n} serves every report`, node.reports.length, s.l2.settlements.length);
    for (const settlement of s.l2.settlements) {
      const report = node.reports[settlement.epoch];
      if (!report) continue;
      const at = `node ${n}, epoch ${settlement.epoch}`;
      expect("conserved", `${at}: report is of epoch`, report.epoch, settlement.epoch);
      expect("conserved", `${at}: report hash`, keccak256(report.bytes as Hex), settlement.reportHash);
      rootsMatch(at, report, settlement, expect);
      totalsMatch(at, report, settlement, s, expect);
    }
  }
}

function rootsMatch(at: string, report: ReportFacts, settlement: SettlementFacts, expect: Expect): void {
  const payouts = report.payouts.map((p) => ({ account: p.account, first: p.stable, second: p.flk }));
  expect("conserved", `${at}: payout root`, merkleRoot(payouts), settlement.payoutRoot);
  const balances = report.balances.map((b) => ({
    account: b.account,
    first: b.balance,
    second: b.depositsSeen,
  }));
  expect("conserved", `${at}: balance root`, merkleRoot(balances), settlement.balanceRoot);
}

function totalsMatch(
  at: string,
  report: ReportFacts,
  settlement: SettlementFacts,
  s: Snapshot,
  expect: Expect,
): void {
  const balances = sum(report.balances.map((b) => b.balance));
  const stable = sum(report.payouts.map((p) => p.stable));
  const flk = sum(report.payouts.map((p) => p.flk));
  expect("conserved", `${at}: Σ balances`, balances, BigInt(settlement.totalBalances));
  expect("conserved", `${at}: Σ stable payouts`, stable, BigInt(settlement.totalPayoutStable));
  expect("conserved", `${at}: Σ FLK payouts`, flk, BigInt(settlement.totalPayoutFlk));

  const seen = s.l2.deposits.filter((d) => d.block <= settlement.l2Number);
  for (const entry of report.balances) {
    const deposited = sum(seen.filter((d) => d.account === entry.account).map((d) => d.amount));
    expect("conserved", `${at}: deposits seen of ${entry.account}`, BigInt(entry.depositsSeen), deposited);
  }
  expect(
    "conserved",
    `${at}: deposits = balances + payouts`,
    sum(seen.map((d) => d.amount)),
    balances + stable,
  );

  const before = s.l2.settlements[settlement.epoch - 1];
  const minted = flk - BigInt(before?.totalPayoutFlk ?? "0");
  expect("conserved", `${at}: FLK of this epoch`, BigInt(report.flkMinted), minted);
}

function moneyIsConserved(s: Snapshot, expect: Expect): void {
  const deposited = sum(s.l2.deposits.map((d) => d.amount));
  const claimed = sum(s.l2.claims.map((c) => c.stable));
  const payouts = BigInt(newestActive(s)?.totalPayoutStable ?? "0");
  expect("conserved", "vault = top-ups − active payouts", BigInt(s.l2.vaultStable), deposited - payouts);
  expect(
    "conserved",
    "stablecoin held by the settlement = active payouts − claims",
    BigInt(s.l2.settlementStable),
    payouts - claimed,
  );
  for (const [i, book] of s.l2.claimed.entries()) {
    expect(
      "conserved",
      `account ${i} of the L2 and of the nodes`,
      book.account,
      s.nodes[0]?.balances[i]?.account,
    );
    const logs = s.l2.claims.filter((c) => c.account === book.account);
    expect(
      "conserved",
      `claimed stable of ${book.account}`,
      BigInt(book.stable),
      sum(logs.map((c) => c.stable)),
    );
    expect("conserved", `claimed FLK of ${book.account}`, BigInt(book.flk), sum(logs.map((c) => c.flk)));
    const payout = last(s.nodes[0]?.reports ?? [])?.payouts.find((p) => p.account === book.account);
    const within =
      BigInt(book.stable) <= BigInt(payout?.stable ?? "0") && BigInt(book.flk) <= BigInt(payout?.flk ?? "0");
    expect("conserved", `claimed ≤ payout of ${book.account}`, within, true);
  }
  const claimants = new Set(s.l2.claimed.map((book) => book.account));
  const final = last(s.nodes[0]?.reports ?? []);
  for (const { account } of [...(final?.payouts ?? []), ...(final?.balances ?? [])]) {
    expect("conserved", `${account} is a known account`, claimants.has(account), true);
  }
  for (const claim of s.l2.claims) {
    expect(
      "conserved",
      `claim of ${claim.account} is of a known account`,
      claimants.has(claim.account),
      true,
    );
  }
}

function flkIsConserved(s: Snapshot, expect: Expect): void {
  const minted = sum(s.l2.rewardMints.map((m) => m.amount));
  const owed = BigInt(newestActive(s)?.totalPayoutFlk ?? "0");
  expect("conserved", "FLK minted = Σ FLK payouts", minted, owed);
  for (const mint of s.l2.rewardMints) {
    const with_ = s.l2.activations.filter(({ block }) => block === mint.block).map((a) => a.flkMinted);
    expect(
      "conserved",
      `FLK mint in block ${mint.block} is of an activation`,
      with_.includes(mint.amount),
      true,
    );
  }
  expect("conserved", "FLK minted = Σ of activations", sum(s.l2.activations.map((a) => a.flkMinted)), minted);
  const claimed = sum(s.l2.claims.map((c) => c.flk));
  expect(
    "conserved",
    "FLK held by the settlement = minted − claimed",
    BigInt(s.l2.settlementFlk),
    minted - claimed,
  );
}

function stakeIsConserved(s: Snapshot, expect: Expect): void {
  const staked = sum(s.l2.stakes.flatMap((stake) => [stake.staked, stake.thawing]));
  expect(
    "conserved",
    "Σ stake + thawing = FLK held by the staking contract",
    BigInt(s.l2.stakingFlk),
    staked,
  );
}

function nodesAgree(s: Snapshot, expect: Expect): void {
  const area = "sameStateRoot";
  const first = s.nodes[0];
  expect(area, "there are nodes", first !== undefined, true);
  if (!first) return;
  for (const [n, node] of s.nodes.entries()) {
    expect(area, `node ${n}: closing blocks`, node.closing.length, s.l2.settlements.length);
    let height = -1;
    for (const settlement of s.l2.settlements) {
      const { epoch } = settlement;
      const block = node.closing[epoch];
      height += node.reports[epoch]?.blocks ?? 0;
      const at = `node ${n}, closing block of epoch ${epoch}`;
      expect(area, `${at}: height`, block?.height, height);
      expect(area, `${at}: state root as settled`, block?.stateRoot, settlement.stateRoot);
      expect(area, `${at}: L2 view as settled`, block?.l2Number, settlement.l2Number);
      expect(area, `${at}: block root`, block?.blockRoot, first.closing[epoch]?.blockRoot);
    }
    expect(area, `node ${n}: reports`, JSON.stringify(node.reports), JSON.stringify(first.reports));
    expect(area, `node ${n}: balances`, JSON.stringify(node.balances), JSON.stringify(first.balances));
  }
}

function indexerAgrees(s: Snapshot, expect: Expect): void {
  const area = "indexerAgrees";
  const report = last(s.nodes[0]?.reports ?? []);
  const balances = s.nodes[0]?.balances ?? [];
  expect(area, "GraphQL accounts", s.graphql.accounts.length, balances.length);
  for (const account of s.graphql.accounts) {
    const of = `GraphQL, ${account.account}`;
    const deposits = s.l2.deposits.filter((d) => d.account === account.account).map((d) => d.amount);
    const payout = report?.payouts.find((p) => p.account === account.account);
    const book = s.l2.claimed.find((c) => c.account === account.account);
    const balance = balances.find((b) => b.account === account.account);
    expect(area, `${of}: deposits`, BigInt(account.deposits), sum(deposits));
    expect(area, `${of}: balance`, account.balance, balance?.balance);
    expect(area, `${of}: payoutStable`, BigInt(account.payoutStable), BigInt(payout?.stable ?? "0"));
    expect(area, `${of}: payoutFlk`, BigInt(account.payoutFlk), BigInt(payout?.flk ?? "0"));
    expect(area, `${of}: claimedStable`, BigInt(account.claimedStable), BigInt(book?.stable ?? "0"));
    expect(area, `${of}: claimedFlk`, BigInt(account.claimedFlk), BigInt(book?.flk ?? "0"));
  }
  expect(area, "GraphQL nodes", s.graphql.nodes.length, s.l2.stakes.length);
  for (const node of s.graphql.nodes) {
    const stake = s.l2.stakes.find((entry) => entry.nodeId === node.nodeId);
    expect(area, `GraphQL node ${node.nodeId}: stake`, node.stake, stake?.staked);
    expect(area, `GraphQL node ${node.nodeId}: thawing`, node.thawing, stake?.thawing);
  }
  expect(area, "GraphQL epochs", s.graphql.epochs.length, s.l2.settlements.length);
  for (const [i, epoch] of s.graphql.epochs.entries()) {
    expect(area, `GraphQL epoch at ${i}`, epoch.epoch, i);
    const settled = s.nodes[0]?.reports[epoch.epoch];
    expect(area, `GraphQL epoch ${epoch.epoch}: revenue`, epoch.revenue, settled?.revenue);
    expect(area, `GraphQL epoch ${epoch.epoch}: flkScheduled`, epoch.flkScheduled, settled?.flkScheduled);
    expect(area, `GraphQL epoch ${epoch.epoch}: flkMinted`, epoch.flkMinted, settled?.flkMinted);
    expect(area, `GraphQL epoch ${epoch.epoch}: deliveries`, epoch.deliveries, settled?.deliveries);
  }
}

function rewardsIndexed(s: Snapshot, expect: Expect): void {
  const area = "indexerAgrees";
  const reports = s.nodes[0]?.reports ?? [];
  const wanted = reports.flatMap((report) => report.nodes.map((node) => ({ epoch: report.epoch, ...node })));
  workIndexed(s, wanted, expect);
  expect(area, "GraphQL rewards", s.graphql.rewards.length, wanted.length);
  for (const { epoch, node, scheduledFlk, rewardFlk } of wanted) {
    const got = s.graphql.rewards.find((entry) => entry.epoch === epoch && entry.nodeId === node);
    const of = `GraphQL node ${node} in epoch ${epoch}`;
    expect(area, `${of}: scheduledFlk`, got?.scheduledFlk, scheduledFlk);
    expect(area, `${of}: rewardFlk`, got?.rewardFlk, rewardFlk);
  }
}

function workIndexed(s: Snapshot, nodes: (NodeReportFacts & { epoch: number })[], expect: Expect): void {
  const area = "indexerAgrees";
  const wanted = nodes.flatMap(({ epoch, node: nodeId, work }) =>
    work.map((item) => ({ epoch, nodeId, ...item })),
  );
  expect(area, "GraphQL work", s.graphql.work.length, wanted.length);
  for (const { units, deliveries, lanes, revenue, ...key } of wanted) {
    const { epoch, nodeId, service, commodity } = key;
    const got = s.graphql.work.find(
      (item) =>
        item.epoch === epoch &&
        item.nodeId === nodeId &&
        item.service === service &&
        item.commodity === commodity,
    );
    const of = `GraphQL node ${nodeId} in epoch ${epoch}, service ${service}, commodity ${commodity}`;
    expect(area, `${of}: units`, got?.units, units);
    expect(area, `${of}: deliveries`, got?.deliveries, deliveries);
    expect(area, `${of}: lanes`, got?.lanes, lanes);
    expect(area, `${of}: revenue`, got?.revenue, revenue);
  }
}

/** Whether the revenue of an epoch could be claimed, and so be sold as a lot, a whole epoch before the newest close. */
function couldBeSold(s: Snapshot, epoch: number): boolean {
  const active = s.l2.activations[epoch]?.block ?? Number.POSITIVE_INFINITY;
  return active <= (s.l2.settlements.at(-2)?.l2Number ?? 0);
}

const COMMODITIES = ["bytes", "ms"];

/**
 * In every epoch that the run asked for, after the first revenue: deliveries, FLK scheduled, claims, a changed committee seat; in all of them together
 * FLK granted, revenue of every commodity, and in a run of three epochs or more what `variety` asks for.
 */
function somethingHappened(s: Snapshot, problems: Problem[]): void {
  // more of them close while the network is looked at, when its clients have stopped
  const reports = (s.nodes[0]?.reports ?? []).slice(0, s.epochs);
  const start = reports.findIndex((report) => BigInt(report.revenue) > 0n);
  const fail = (text: string): void => void problems.push({ area: "active", text });
  if (start < 0) fail("no epoch had revenue");
  for (const missing of start < 0 ? [] : variety(s, start)) fail(missing);
  const work = reports.flatMap(({ nodes }) => nodes.flatMap((node) => node.work));
  for (const [commodity, name] of COMMODITIES.entries()) {
    const paid = sum(work.filter((item) => item.commodity === commodity).map(({ revenue }) => revenue));
    if (start >= 0 && paid <= 0n) fail(`no ${name} were paid for`);
  }
  const granted = reports.some((report) => BigInt(report.flkMinted) > 0n);
  if (start >= 0 && couldBeSold(s, start) && !granted) fail("no lot was granted");
  for (const report of start < 0 ? [] : reports.slice(start)) {
    const { epoch } = report;
    if (report.deliveries <= 0) fail(`epoch ${epoch}: no deliveries`);
    if (BigInt(report.flkScheduled) <= 0n) fail(`epoch ${epoch}: no FLK scheduled`);
    // not active yet: nobody can have claimed
    if (epoch >= s.l2.activations.length) continue;
    // payouts are cumulative: after an outage of the L2 the claims of a later epoch pay this one too
    const from = s.l2.activations[epoch]?.block ?? Number.POSITIVE_INFINITY;
    const claims = s.l2.claims.filter((claim) => claim.block >= from);
    if (sum(claims.flatMap((c) => [c.stable, c.flk])) <= 0n) fail(`epoch ${epoch}: nothing was claimed`);
    const before = reports[epoch - 1];
    if (before && epoch > start && report.committee.every((id) => before.committee.includes(id))) {
      fail(`epoch ${epoch}: no committee seat changed`);
    }
  }
}
