import { Money } from "./money.ts";
import type { AckFacts, Expect, Snapshot } from "./snapshot.ts";

const UNITS = 1_000_000_000n;

/**
 * Recomputes every payment of every acknowledgement in the committed blocks: what its lane's new units cost at the price that its
 * epoch had on the L2, to the unit, and where the money did not reach, the most that the money of the time could pay. Then the revenue of each node and
 * service per epoch, and what each client has left, follow from these alone.
 */
export function paymentsFollow(s: Snapshot, expect: Expect): void {
  const lanes = new Map<string, bigint>();
  const accounts = new Map<string, bigint>();
  const revenue = new Map<string, bigint>();
  const money = new Money(s, expect);
  for (const [i, ack] of s.acks.entries()) {
    const what = `acknowledgement ${i} of ${ack.account} in epoch ${ack.inEpoch}`;
    const late = ack.inEpoch - ack.epoch;
    expect("conserved", `${what}: is of this epoch or the one before`, late === 0 || late === 1, true);
    const there = money.before(i, ack, what);
    const paid = payment(s, ack, lanes, { what, ...there }, expect);
    money.paid(ack, paid);
    accounts.set(ack.account, (accounts.get(ack.account) ?? 0n) + paid);
    const key = `${ack.inEpoch}/${ack.node}/${ack.service}`;
    revenue.set(key, (revenue.get(key) ?? 0n) + paid);
  }
  revenueFollows(s, revenue, expect);
  balancesFollow(s, accounts, expect);
}

function priceOf(s: Snapshot, { service, commodity, epoch }: AckFacts): bigint {
  const upTo = epoch === 0 ? s.l2.start.block : (s.l2.settlements[epoch - 1]?.l2Number ?? 0);
  const set = s.l2.prices.filter(
    (log) => log.service === service && log.commodity === commodity && log.block <= upTo,
  );
  return BigInt(set.at(-1)?.price ?? "0");
}

function payment(
  s: Snapshot,
  ack: AckFacts,
  lanes: Map<string, bigint>,
  { what, money, bound }: { what: string } & ReturnType<Money["before"]>,
  expect: Expect,
): bigint {
  const area = "conserved";
  const price = priceOf(s, ack);
  const recorded = lanes.get(ack.lane) ?? 0n;
  const cost = (units: bigint): bigint => (price * units) / UNITS;
  const paidOr = (due: bigint): bigint => (ack.paid === null ? due : BigInt(ack.paid));
  const units = BigInt(ack.units);
  if (ack.status === "OK") {
    const due = cost(units) - cost(recorded);
    const paid = paidOr(due);
    expect(area, `${what}: paid`, paid, due);
    expect(area, `${what}: is within the money of the time`, paid <= money, true);
    lanes.set(ack.lane, units);
    return paid;
  }
  expect(area, `${what}: is partly paid`, ack.status, `ACK_PARTIAL_${bound}`);
  const reached = price === 0n ? recorded : ((cost(recorded) + money + 1n) * UNITS - 1n) / price;
  const due = cost(reached) - cost(recorded);
  const paid = paidOr(due);
  expect(area, `${what}: paid what the money reaches for`, paid, due);
  expect(area, `${what}: paid less than all`, reached < units, true);
  if (paid > 0n) lanes.set(ack.lane, reached);
  return paid;
}

function revenueFollows(s: Snapshot, revenue: Map<string, bigint>, expect: Expect): void {
  for (const { epoch, nodes } of s.nodes[0]?.reports ?? []) {
    for (const { node, work } of nodes) {
      for (const service of new Set(work.map((item) => item.service))) {
        const items = work.filter((item) => item.service === service);
        const reported = items.reduce((sum, item) => sum + BigInt(item.revenue), 0n);
        const key = `${epoch}/${node}/${service}`;
        const what = `epoch ${epoch}, node ${node}, service ${service}: revenue is what was paid for it`;
        expect("conserved", what, reported, revenue.get(key) ?? 0n);
        revenue.delete(key);
      }
    }
  }
  const settled = s.nodes[0]?.reports.length ?? 0;
  for (const [key, paid] of revenue)
    if (Number(key.split("/")[0]) < settled && paid > 0n)
      expect("conserved", `${key} (epoch/node/service): paid and not reported`, paid, 0n);
}

/** Clients neither transfer nor withdraw in a run that is audited: what they have is what they put in and did not spend. */
function balancesFollow(s: Snapshot, accounts: Map<string, bigint>, expect: Expect): void {
  for (const { account, balance } of s.nodes[0]?.balances ?? []) {
    const deposits = s.l2.deposits.filter((log) => log.account === account);
    const deposited = deposits.reduce((sum, log) => sum + BigInt(log.amount), 0n);
    const left = deposited - (accounts.get(account) ?? 0n);
    expect("conserved", `balance of ${account} = deposits − payments`, BigInt(balance), left);
  }
}
