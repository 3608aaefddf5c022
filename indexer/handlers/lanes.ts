import { sql } from "drizzle-orm";
import { laneId, laneKeyOf } from "#protocol/digests/ids.ts";
import { ackStatus } from "#protocol/errors/codes.ts";
import { PRICE_UNITS } from "#protocol/params/limits.ts";
import type { Ack } from "#protocol/types/ack.ts";
import { ackPayments } from "#protocol/types/ack-payments.ts";
import type { Receipt } from "#protocol/types/block.ts";
import { toHex } from "#protocol/types/hex.ts";
import type { SubmitAcks } from "#protocol/types/transactions.ts";
import { oncePer } from "../once-per.ts";
import type { Transaction } from "../store/database.ts";
import { plus, type Rows } from "../store/rows.ts";
import { deliveries, lanes } from "../store/schema.ts";
import { readOpeningView, readPricesAt } from "../store/views.ts";

const WHOLE = ackStatus("OK");

interface Lane {
  deliveries: number;
  units: bigint;
  revenue: bigint;
}

/** micro-USD per 10^9 units by "epoch/service/commodity" */
type Prices = ReadonlyMap<string, bigint>;

/** Of the lane of an acknowledgement, as nodes name it. */
const idOf = oncePer((ack: Ack) => toHex(laneId(laneKeyOf(ack))));

/** What the blocks of one batch paid to lanes. How far a payment in part reached follows from the price. */
export class LanePayments {
  readonly #rows: Rows;
  readonly #known: Map<string, Lane>;
  readonly #prices: Prices;

  constructor(rows: Rows, known: Map<string, Lane>, prices: Prices) {
    this.#rows = rows;
    this.#known = known;
    this.#prices = prices;
  }

  /** A receipt whose payments do not fit its codes pays no lane: then the epoch's deliveries are not those of its report. */
  pay(at: { epoch: number; height: number }, { acks: signed }: SubmitAcks, receipt: Receipt): void {
    const acks = signed.map(({ ack }) => ack);
    for (const [i, payment] of (ackPayments(acks, receipt) ?? []).entries())
      if (payment) this.#record(at, acks[i] as Ack, payment.delta, receipt.ackStatus[i] === WHOLE);
  }

  #record(
    { epoch, height }: { epoch: number; height: number },
    ack: Ack,
    amount: bigint,
    whole: boolean,
  ): void {
    const id = idOf(ack);
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

  /** The most units that cost no more than `revenue`: those that the chain records (ECO-PARTIAL). */
  #reached(ack: Ack, revenue: bigint, before: bigint): bigint {
    const price = this.#prices.get(priceKey(ack));
    return price ? ((revenue + 1n) * PRICE_UNITS - 1n) / price : before;
  }
}

/** What `acks`, of blocks of `epoch`, need to know. */
export async function readLanePayments(
  tx: Transaction,
  rows: Rows,
  acks: Ack[],
  epoch: number,
): Promise<LanePayments> {
  if (acks.length === 0) return new LanePayments(rows, new Map(), new Map());
  const { id, deliveries, units, revenue } = lanes;
  const known = await tx
    .select({ id, deliveries, units, revenue })
    .from(lanes)
    .where(sql`${id} = ANY(${sql.param([...new Set(acks.map(idOf))])}::text[])`);
  const prices = await readPrices(tx, epoch);
  return new LanePayments(rows, new Map(known.map(({ id, ...lane }) => [id, lane])), prices);
}

/** Those in force in the epoch, and in the one before it, of which acknowledgements are still paid. */
async function readPrices(tx: Transaction, epoch: number): Promise<Prices> {
  const prices = new Map<string, bigint>();
  for (const each of [epoch - 1, epoch]) {
    const view = await readOpeningView(tx, each);
    const found = view === undefined ? [] : await readPricesAt(tx, view);
    for (const { price, ...key } of found) prices.set(priceKey({ epoch: each, ...key }), price);
  }
  return prices;
}

function priceKey({ epoch, service, commodity }: Pick<Ack, "epoch" | "service" | "commodity">): string {
  return `${epoch}/${service}/${commodity}`;
}
