import { sql } from "drizzle-orm";
import { laneId, laneKeyOf } from "#protocol/digests/ids.ts";
import { ackStatus } from "#protocol/errors/codes.ts";
import { PRICE_UNITS } from "#protocol/params/limits.ts";
import type { Ack } from "#protocol/types/ack.ts";
import { minBigint } from "#protocol/types/bigint.ts";
import { CHANGE, type Receipt } from "#protocol/types/block.ts";
import { toHex } from "#protocol/types/hex.ts";
import type { SubmitAcks } from "#protocol/types/transactions.ts";
import type { Transaction } from "../store/database.ts";
import { plus, type Rows } from "../store/rows.ts";
import { deliveries, lanes, priceChanges } from "../store/schema.ts";

const PAID = ackStatus("OK");
const PARTIAL = [ackStatus("ACK_PARTIAL_BALANCE"), ackStatus("ACK_PARTIAL_LIMIT")];

interface Lane {
  deliveries: number;
  units: bigint;
  revenue: bigint;
}

/** micro-USD per 10^9 units by "epoch/service/commodity" */
type Prices = ReadonlyMap<string, bigint>;

/**
 * What the blocks of one batch paid to lanes. Receipts say what each payment was; how far a payment in part reached follows from
 * the price.
 */
export class LanePayments {
  readonly #rows: Rows;
  readonly #known: Map<string, Lane>;
  readonly #prices: Prices;

  constructor(rows: Rows, known: Map<string, Lane>, prices: Prices) {
    this.#rows = rows;
    this.#known = known;
    this.#prices = prices;
  }

  pay(at: { epoch: number; height: number }, { acks }: SubmitAcks, receipt: Receipt): void {
    const paid = paymentsOf(
      acks.map(({ ack }) => ack),
      receipt,
      (ack) => this.#dueOf(ack),
    );
    for (const [ack, { amount, whole }] of paid) this.#record(at, ack, amount, whole);
  }

  /** micro-USD that the whole of an acknowledgement costs beyond what its lane was paid. */
  #dueOf(ack: Ack): bigint | undefined {
    const price = this.#prices.get(priceKey(ack));
    const before = this.#known.get(toHex(laneId(laneKeyOf(ack))))?.revenue ?? 0n;
    return price === undefined ? undefined : (price * ack.units) / PRICE_UNITS - before;
  }

  #record(
    { epoch, height }: { epoch: number; height: number },
    ack: Ack,
    amount: bigint,
    whole: boolean,
  ): void {
    const id = toHex(laneId(laneKeyOf(ack)));
    const before = this.#known.get(id);
    const { account: rawAccount, session, lane, node, service, commodity } = ack;
    const account = toHex(rawAccount);
    const revenue = (before?.revenue ?? 0n) + amount;
    const counted = before?.deliveries ?? 0;
    const after: Lane = {
      revenue,
      units: whole ? ack.units : this.#reached(ack, revenue, before?.units ?? 0n),
      deliveries: whole ? Math.max(ack.count, counted) : counted,
    };
    this.#known.set(id, after);
    const key = { epoch: ack.epoch, account, session: toHex(session), lane, node, service, commodity };
    this.#rows.upsert(lanes, { id, ...key, ...after, height });
    this.#rows.upsert(deliveries, {
      ...{ epoch, account, node, service, commodity },
      deliveries: plus(BigInt(after.deliveries - counted)),
      units: plus(after.units - (before?.units ?? 0n)),
      lanes: plus(before ? 0n : 1n),
      revenue: plus(amount),
    });
  }

  /** The most units that cost no more than `revenue`, as ECO-PARTIAL has it. */
  #reached(ack: Ack, revenue: bigint, before: bigint): bigint {
    const price = this.#prices.get(priceKey(ack));
    if (!price) return before;
    return minBigint(ack.units, ((revenue + 1n) * PRICE_UNITS - 1n) / price);
  }
}

/** What the acknowledgements of a batch need to know. `view`: L2 view at whose close the epoch opened. */
export async function readLanePayments(
  tx: Transaction,
  rows: Rows,
  acks: Ack[],
  views: { epoch: number; view: number }[],
): Promise<LanePayments> {
  const ids = [...new Set(acks.map((ack) => toHex(laneId(laneKeyOf(ack)))))];
  const { id, deliveries, units, revenue } = lanes;
  const known =
    ids.length === 0
      ? []
      : await tx
          .select({ id, deliveries, units, revenue })
          .from(lanes)
          .where(sql`${id} = ANY(${sql.param(ids)}::text[])`);
  const prices = new Map<string, bigint>();
  if (acks.length > 0) for (const at of views) await readPrices(tx, at, prices);
  return new LanePayments(rows, new Map(known.map(({ id, ...lane }) => [id, lane])), prices);
}

async function readPrices(
  tx: Transaction,
  { epoch, view }: { epoch: number; view: number },
  prices: Map<string, bigint>,
): Promise<void> {
  const { service, commodity, price, block, logIndex } = priceChanges;
  const found = await tx
    .selectDistinctOn([service, commodity], { service, commodity, price })
    .from(priceChanges)
    .where(sql`${block} <= ${view}::bigint`)
    .orderBy(service, commodity, sql`${block} DESC`, sql`${logIndex} DESC`);
  for (const row of found) prices.set(priceKey({ epoch, ...row }), row.price);
}

function priceKey({ epoch, service, commodity }: Pick<Ack, "epoch" | "service" | "commodity">): string {
  return `${epoch}/${service}/${commodity}`;
}

interface Payment {
  amount: bigint;
  /** all of the acknowledgement is paid */
  whole: boolean;
}

/**
 * Which acknowledgement each payment of a receipt is for. They come in the same order, but one that is accepted in part may
 * have found no money at all, and then has none: where that leaves a choice, the exact cost of the others decides.
 */
export function paymentsOf(
  acks: Ack[],
  receipt: Pick<Receipt, "ackStatus" | "changes">,
  dueOf: (ack: Ack) => bigint | undefined,
): Map<Ack, Payment> {
  const payments = Map.groupBy(
    receipt.changes.filter(({ reason }) => reason === CHANGE.ackPayment),
    ({ account }) => toHex(account),
  );
  const counted = acks.flatMap((ack, i) => {
    const status = receipt.ackStatus[i] as number;
    const whole = status === PAID;
    return whole || PARTIAL.includes(status) ? [{ ack, whole, account: toHex(ack.account) }] : [];
  });
  const found = new Map<Ack, Payment>();
  for (const [account, list] of Map.groupBy(counted, (item) => item.account)) {
    const amounts = (payments.get(account) ?? []).map(({ delta }) => delta);
    const isPaid = assign(list, amounts, dueOf);
    let next = 0;
    for (const [i, { ack, whole }] of list.entries()) {
      const amount = isPaid[i] ? amounts[next++] : undefined;
      if (amount !== undefined) found.set(ack, { amount, whole });
    }
  }
  return found;
}

/** Which of the acknowledgements of one account were paid anything: the first of what fits. */
function assign(
  list: { ack: Ack; whole: boolean }[],
  amounts: bigint[],
  dueOf: (ack: Ack) => bigint | undefined,
): boolean[] {
  const whole = list.filter((item) => item.whole).length;
  if (amounts.length === list.length) return list.map(() => true);
  if (amounts.length === whole) return list.map((item) => item.whole);
  const due = list.map(({ ack }) => dueOf(ack));
  const fits = fitting(list, amounts, due);
  let at = 0;
  let spare = amounts.length - whole;
  return list.map((item, i) => {
    const fit = fits[i + 1]?.[at + 1];
    const isPaid = item.whole || (spare > 0 && (fit === true || !fits[0]?.[0]) && below(amounts[at], due[i]));
    if (isPaid && !item.whole) spare--;
    if (isPaid) at++;
    return isPaid;
  });
}

/** `[i][j]`: the acknowledgements from the i-th on may have the payments from the j-th on. */
function fitting(list: { whole: boolean }[], amounts: bigint[], due: (bigint | undefined)[]): boolean[][] {
  const fits = Array.from({ length: list.length + 1 }, () =>
    new Array<boolean>(amounts.length + 1).fill(false),
  );
  const row = (i: number) => fits[i] as boolean[];
  row(list.length)[amounts.length] = true;
  for (let i = list.length - 1; i >= 0; i--) {
    const { whole } = list[i] as { whole: boolean };
    for (let j = amounts.length; j >= 0; j--) {
      const paid = j < amounts.length && row(i + 1)[j + 1] === true;
      row(i)[j] = whole
        ? paid && (due[i] === undefined || amounts[j] === due[i])
        : (paid && below(amounts[j], due[i])) || row(i + 1)[j] === true;
    }
  }
  return fits;
}

function below(amount: bigint | undefined, due: bigint | undefined): boolean {
  return amount !== undefined && (due === undefined || amount < due);
}
