import type { AckFacts, Expect, MoneyFacts, Snapshot } from "./snapshot.ts";

interface Reservation {
  account: string;
  session: string;
  node: number;
  epoch: number;
  left: bigint;
  /** in all */
  amount: bigint;
}

/**
 * What clients had to pay with at each acknowledgement, replayed from deposits, limits, reservations and payments in block order.
 * What is not covered: delegated keys, transfers, withdrawals and revocations, none of which a run that is audited has.
 */
export class Money {
  readonly #events: MoneyFacts[];
  readonly #expect: Expect;
  #at = 0;
  readonly #balances = new Map<string, bigint>();
  readonly #limits = new Map<string, bigint>();
  /** by epoch and session key */
  readonly #spent = new Map<string, bigint>();
  readonly #reservations = new Map<string, Reservation>();

  constructor(s: Snapshot, expect: Expect) {
    this.#events = s.money;
    this.#expect = expect;
    for (const account of new Set([...s.money, ...s.l2.deposits].map((entry) => entry.account))) {
      const total = (list: { account: string; amount: string }[]): bigint =>
        list
          .filter((entry) => entry.account === account)
          .reduce((sum, { amount }) => sum + BigInt(amount), 0n);
      const applied = total(s.money.filter(({ what }) => what === "deposit"));
      expect("conserved", `deposits of ${account} that blocks applied`, applied, total(s.l2.deposits));
    }
  }

  /** micro-USD that could pay `ack`, the `index`th: what is reserved for its node, then what is free. Whose limit ended it. */
  before(index: number, ack: AckFacts, what: string): { money: bigint; bound: "LIMIT" | "BALANCE" } {
    for (; (this.#events[this.#at]?.before ?? Number.POSITIVE_INFINITY) <= index; this.#at++)
      this.#apply(this.#events[this.#at] as MoneyFacts, ack.inEpoch);
    const key = `${ack.account}/${ack.session}`;
    this.#expect("conserved", `${what}: its key was authorised`, this.#limits.has(key), true);
    const locked = this.#reservations.get(reservationKey(ack))?.left ?? 0n;
    const available = this.#available(ack.account, ack.inEpoch);
    const limit = this.#limitLeft(ack, ack.epoch);
    const [free, bound] = limit < available ? [limit, "LIMIT" as const] : [available, "BALANCE" as const];
    return { money: locked + free, bound };
  }

  paid(ack: AckFacts, amount: bigint): void {
    this.#balances.set(ack.account, (this.#balances.get(ack.account) ?? 0n) - amount);
    const key = `${ack.epoch}/${ack.account}/${ack.session}`;
    this.#spent.set(key, (this.#spent.get(key) ?? 0n) + amount);
    const reservation = this.#reservations.get(reservationKey(ack));
    if (reservation) reservation.left -= reservation.left < amount ? reservation.left : amount;
  }

  #apply({ account, what, amount }: MoneyFacts, inEpoch: number): void {
    if (typeof what === "string") {
      this.#balances.set(account, (this.#balances.get(account) ?? 0n) + BigInt(amount));
    } else if (!("node" in what)) {
      this.#limits.set(`${account}/${what.session}`, BigInt(amount));
    } else this.#reserve({ account, ...what }, BigInt(amount), inEpoch);
  }

  #reserve(of: Omit<Reservation, "left" | "amount">, amount: bigint, inEpoch: number): void {
    const key = reservationKey(of);
    const known = this.#reservations.get(key) ?? { ...of, left: 0n, amount: 0n };
    if (amount <= known.amount) return;
    const by = amount - known.amount;
    const what = `reservation of ${of.account} for node ${of.node} in epoch ${of.epoch}`;
    this.#expect("conserved", `${what}: is not of an epoch to come`, of.epoch <= inEpoch, true);
    this.#expect("conserved", `${what}: is within the limit`, by <= this.#limitLeft(of, of.epoch), true);
    this.#expect(
      "conserved",
      `${what}: is of what is free`,
      by <= this.#available(of.account, of.epoch),
      true,
    );
    this.#reservations.set(key, { ...known, left: known.left + by, amount });
  }

  /** Reservations hold until the end of the next epoch. */
  #available(account: string, epoch: number): bigint {
    let free = this.#balances.get(account) ?? 0n;
    for (const one of this.#reservations.values())
      if (one.account === account && (one.epoch === epoch || one.epoch === epoch - 1)) free -= one.left;
    return free;
  }

  #limitLeft({ account, session }: { account: string; session: string }, epoch: number): bigint {
    const limit = this.#limits.get(`${account}/${session}`) ?? 0n;
    let left = limit - (this.#spent.get(`${epoch}/${account}/${session}`) ?? 0n);
    for (const one of this.#reservations.values())
      if (one.account === account && one.session === session && one.epoch === epoch) left -= one.left;
    return left;
  }
}

type ReservationKey = Pick<Reservation, "account" | "session" | "node" | "epoch">;

function reservationKey({ account, session, node, epoch }: ReservationKey): string {
  return `${epoch}/${account}/${session}/${node}`;
}
