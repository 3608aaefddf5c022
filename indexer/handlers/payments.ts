import { ackStatus } from "#protocol/errors/codes.ts";
import { PRICE_UNITS } from "#protocol/params/limits.ts";
import type { Ack } from "#protocol/types/ack.ts";
import { type BalanceChange, CHANGE, type Receipt } from "#protocol/types/block.ts";
import { toHex } from "#protocol/types/hex.ts";

const WHOLE = ackStatus("OK");
const BY_BALANCE = ackStatus("ACK_PARTIAL_BALANCE");
const BY_LIMIT = ackStatus("ACK_PARTIAL_LIMIT");

export interface Payment {
  /** micro-USD */
  amount: bigint;
  /** all of the acknowledgement is paid */
  whole: boolean;
}

/** What is known before a receipt. */
export interface Books {
  /** `price`: micro-USD per 10^9 units, `revenue`: micro-USD that it was paid */
  lane(ack: Ack): { id: string; revenue: bigint; price: bigint | undefined };
  /** micro-USD that the acknowledgement's key may still spend in its epoch, if that is known */
  limitLeft(ack: Ack): bigint | undefined;
}

interface Counted {
  ack: Ack;
  status: number;
}

/** The most units that cost no more than `revenue` micro-USD (ECO-PARTIAL). */
export function unitsFor(price: bigint, revenue: bigint): bigint {
  return ((revenue + 1n) * PRICE_UNITS - 1n) / price;
}

function paymentsIn({ changes }: Pick<Receipt, "changes">): BalanceChange[] {
  return changes.filter(({ reason }) => reason === CHANGE.ackPayment);
}

/** Whether fewer acknowledgements were paid than accepted: one that found no money has no payment. */
export function isUncertain(receipt: Pick<Receipt, "ackStatus" | "changes">): boolean {
  const accepted = receipt.ackStatus.filter((status) => isAccepted(status)).length;
  return accepted > paymentsIn(receipt).length;
}

function isAccepted(status: number): boolean {
  return status === WHOLE || status === BY_BALANCE || status === BY_LIMIT;
}

/**
 * Which acknowledgement each payment of a receipt is for. They come in the same order. Where some were accepted in part and
 * found no money, the rules say which: what is paid in part takes all the limit or the balance there is. Reservations and delegated
 * keys have money of their own; then the exact cost of what is paid whole decides, and the first of what fits: a limit never takes the
 * last of a balance.
 */
export function paymentsOf(
  acks: Ack[],
  receipt: Pick<Receipt, "ackStatus" | "changes">,
  books: Books,
): Map<Ack, Payment> {
  const payments = Map.groupBy(paymentsIn(receipt), ({ account }) => toHex(account));
  const accepted = acks.flatMap((ack, i): Counted[] => {
    const status = receipt.ackStatus[i] as number;
    return isAccepted(status) ? [{ ack, status }] : [];
  });
  const found = new Map<Ack, Payment>();
  for (const [account, list] of Map.groupBy(accepted, ({ ack }) => toHex(ack.account))) {
    const changes = payments.get(account) ?? [];
    const isPaid = certain(list, changes) ?? simulate(list, changes, books) ?? firstFit(list, changes, books);
    let next = 0;
    for (const [i, { ack, status }] of list.entries()) {
      const change = isPaid[i] ? changes[next++] : undefined;
      if (change) found.set(ack, { amount: change.delta, whole: status === WHOLE });
    }
  }
  return found;
}

function certain(list: Counted[], changes: BalanceChange[]): boolean[] | undefined {
  if (changes.length === list.length) return list.map(() => true);
  const isWhole = list.map(({ status }) => status === WHOLE);
  return changes.length === isWhole.filter(Boolean).length ? isWhole : undefined;
}

/** Pays again by the rules, without reservations; undefined when that is not what was paid. */
function simulate(list: Counted[], changes: BalanceChange[], books: Books): boolean[] | undefined {
  const lanes = new Map<string, bigint>();
  const spent = new Map<string, bigint>();
  const isPaid: boolean[] = [];
  let next = 0;
  for (const { ack, status } of list) {
    const { id, revenue, price } = books.lane(ack);
    const key = `${ack.epoch}/${toHex(ack.session)}`;
    const limit = books.limitLeft(ack);
    const left = limit === undefined ? undefined : limit - (spent.get(key) ?? 0n);
    const money = status === WHOLE ? undefined : status === BY_LIMIT ? left : balanceAt(changes, next);
    if (price === undefined || (money === undefined && status !== WHOLE)) return undefined;
    const before = revenue + (lanes.get(id) ?? 0n);
    const units = money === undefined || price === 0n ? ack.units : unitsFor(price, before + money);
    const amount = (price * units) / PRICE_UNITS - before;
    isPaid.push(amount > 0n);
    if (amount <= 0n) continue;
    if (changes[next++]?.delta !== amount) return undefined;
    lanes.set(id, (lanes.get(id) ?? 0n) + amount);
    spent.set(key, (spent.get(key) ?? 0n) + amount);
  }
  return next === changes.length ? isPaid : undefined;
}

/** Balance before the payment at `index`, or after the last. */
function balanceAt(changes: BalanceChange[], index: number): bigint {
  const change = changes[index];
  return change ? change.balance + change.delta : (changes.at(-1)?.balance ?? 0n);
}

function firstFit(list: Counted[], changes: BalanceChange[], books: Books): boolean[] {
  const due = dues(list, books);
  const fits = fitting(list, changes, due);
  let next = 0;
  let spare = changes.length - list.filter(({ status }) => status === WHOLE).length;
  return list.map(({ status }, i) => {
    const isWhole = status === WHOLE;
    const fit = fits[i + 1]?.[next + 1] === true || !fits[0]?.[0];
    const isPaid = isWhole || (spare > 0 && fit && isPart(changes[next], due[i], status));
    if (isPaid && !isWhole) spare--;
    if (isPaid) next++;
    return isPaid;
  });
}

/** `[i][j]`: the acknowledgements from the i-th on may have the payments from the j-th on. */
function fitting(list: Counted[], changes: BalanceChange[], due: (bigint | undefined)[]): boolean[][] {
  const fits = Array.from({ length: list.length + 1 }, () =>
    new Array<boolean>(changes.length + 1).fill(false),
  );
  const row = (i: number) => fits[i] as boolean[];
  row(list.length)[changes.length] = true;
  for (let i = list.length - 1; i >= 0; i--) {
    for (let j = changes.length; j >= 0; j--) {
      const paid = j < changes.length && row(i + 1)[j + 1] === true;
      row(i)[j] =
        list[i]?.status === WHOLE
          ? paid && (due[i] === undefined || changes[j]?.delta === due[i])
          : (paid && isPart(changes[j], due[i], list[i]?.status)) || row(i + 1)[j] === true;
    }
  }
  return fits;
}

function isPart(
  change: BalanceChange | undefined,
  due: bigint | undefined,
  status: number | undefined,
): boolean {
  if (!change || (due !== undefined && change.delta >= due)) return false;
  return status !== BY_LIMIT || change.balance > 0n;
}

/** What is missing for each to be paid whole; undefined after a payment in part of the same lane. */
function dues(list: Counted[], books: Books): (bigint | undefined)[] {
  const paid = new Map<string, bigint | undefined>();
  return list.map(({ ack, status }) => {
    const { id, price, revenue } = books.lane(ack);
    if (price === undefined) return undefined;
    const cost = (price * ack.units) / PRICE_UNITS;
    const before = paid.has(id) ? paid.get(id) : revenue;
    paid.set(id, status === WHOLE ? cost : undefined);
    return before === undefined ? undefined : cost - before;
  });
}
