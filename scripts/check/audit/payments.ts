import { Money } from "./money.ts";
import type { AckFacts, Expect, Snapshot } from "./snapshot.ts";
import { type Lane, type Work, WorkBook } from "./work.ts";

const UNITS = 1_000_000_000n;

/**
 * Recomputes every payment of every acknowledgement in the committed blocks: what its lane's new units cost at the price that its
 * epoch had on the L2, to the unit, and where the money did not reach, the most that the money of the time could pay. Then the work of each node for each
 * service and commodity per epoch, and what each client has left, follow from these alone.
 */
export function paymentsFollow(s: Snapshot, expect: Expect): void {
  const lanes = new Map<string, Lane>();
  const accounts = new Map<string, bigint>();
  const book = new WorkBook();
  const money = new Money(s, expect);
  for (const [i, ack] of s.acks.entries()) {
    const what = `acknowledgement ${i} of ${ack.account} in epoch ${ack.inEpoch}`;
    const late = ack.inEpoch - ack.epoch;
    expect("conserved", `${what}: is of this epoch or the one before`, late === 0 || late === 1, true);
    const there = money.before(i, ack, what);
    const work = payment(s, ack, lanes, { what, ...there }, expect);
    money.paid(ack, work.revenue);
    accounts.set(ack.account, (accounts.get(ack.account) ?? 0n) + work.revenue);
    book.add(ack, work);
  }
  book.compare(s, expect);
  balancesFollow(s, accounts, expect);
}

/** micro-USD per 10^9 units by the L2 as an epoch began. */
export function priceOf(
  s: Snapshot,
  { service, commodity, epoch }: Pick<AckFacts, "service" | "commodity" | "epoch">,
): bigint {
  const upTo = epoch === 0 ? s.l2.start.block : (s.l2.settlements[epoch - 1]?.l2Number ?? 0);
  const set = s.l2.prices.filter(
    (log) => log.service === service && log.commodity === commodity && log.block <= upTo,
  );
  return BigInt(set.at(-1)?.price ?? "0");
}

function payment(
  s: Snapshot,
  ack: AckFacts,
  lanes: Map<string, Lane>,
  { what, money, bound }: { what: string } & ReturnType<Money["before"]>,
  expect: Expect,
): Work {
  const area = "conserved";
  const price = priceOf(s, ack);
  const { units: recorded = 0n, count: counted = 0 } = lanes.get(ack.lane) ?? {};
  expect(area, `${what}: adds deliveries`, ack.count > counted, true);
  const cost = (units: bigint): bigint => (price * units) / UNITS;
  const paid = BigInt(ack.paid);
  const units = BigInt(ack.units);
  if (ack.status === "OK") {
    const due = cost(units) - cost(recorded);
    expect(area, `${what}: paid`, paid, due);
    expect(area, `${what}: is within the money of the time`, paid <= money, true);
    return record(lanes, ack, { units, count: Math.max(ack.count, counted) }, paid);
  }
  const reached = price === 0n ? recorded : ((cost(recorded) + money + 1n) * UNITS - 1n) / price;
  const due = cost(reached) - cost(recorded);
  const code = due > 0n ? `ACK_PARTIAL_${bound}` : `ACK_UNPAID_${bound}`;
  expect(area, `${what}: is partly paid`, ack.status, code);
  expect(area, `${what}: paid what the money reaches for`, paid, due);
  expect(area, `${what}: paid less than all`, reached < units, true);
  // deliveries count once all that the acknowledgement asks for is paid
  return record(lanes, ack, { units: paid > 0n ? reached : recorded, count: counted }, paid);
}

/** A lane is there once something was paid of it. */
function record(lanes: Map<string, Lane>, { lane }: AckFacts, now: Lane, revenue: bigint): Work {
  const known = lanes.get(lane);
  const before = known ?? { units: 0n, count: 0 };
  if (revenue > 0n) lanes.set(lane, now);
  const added = { units: now.units - before.units, deliveries: now.count - before.count };
  return { ...added, lanes: known || revenue === 0n ? 0 : 1, revenue };
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
