import type { Metrics } from "#node/interface/metrics.ts";
import { laneCost } from "#node/transition/block/lane-payment.ts";
import type { LaneState } from "./types.ts";

/**
 * Acknowledged work since this process started and of the lanes it found on disk; money in micro-USD. `lost` is by the
 * code that says why, and only of lanes whose window is over.
 */
export interface RevenueStatus {
  lanes: number;
  units: bigint;
  earned: bigint;
  submitted: bigint;
  accepted: bigint;
  paid: bigint;
  lost: Record<string, bigint>;
}

/** How far a lane's acknowledgements have got; units. */
export interface Progress {
  submitted: bigint;
  accepted: bigint;
  paid: bigint;
  /** of the clock's `elapsed`, since when the newest acknowledgement waits */
  waitingSince: number | undefined;
  /** of the clock's `elapsed`: not handed in again before */
  notBefore: number;
  /** why the chain did not take the newest in full */
  reason: string | undefined;
  /** ms that it waited, at least, since money ran short the last time: doubles each time; 0 when it did not */
  shortMs: number;
  /** tried once more before its window ends */
  lastTried: boolean;
  /** nothing of it can be paid any more */
  final: boolean;
}

export function newProgress(paid: bigint): Progress {
  const money = { submitted: paid, accepted: paid, paid };
  const waits = { waitingSince: undefined, notBefore: 0, shortMs: 0, lastTried: false };
  return { ...money, ...waits, reason: undefined, final: false };
}

/** Sums over lanes, kept as money so that lanes of different prices add up. */
export class Revenue {
  readonly #past: RevenueStatus = {
    lanes: 0,
    units: 0n,
    earned: 0n,
    submitted: 0n,
    accepted: 0n,
    paid: 0n,
    lost: {},
  };

  /** Takes a lane whose window is over out of the living ones. */
  close(lane: LaneState, progress: Progress): bigint {
    this.#add(this.#past, lane, progress);
    const lost = laneCost(lane.price, lane.signed.ack.units) - laneCost(lane.price, progress.paid);
    if (lost <= 0n) return 0n;
    const reason =
      progress.reason ?? (progress.submitted > progress.paid ? "ERR_NO_RECEIPT" : "ERR_NOT_SUBMITTED");
    this.#past.lost[reason] = (this.#past.lost[reason] ?? 0n) + lost;
    return lost;
  }

  status(living: Iterable<[LaneState, Progress]>): RevenueStatus {
    const sum: RevenueStatus = { ...this.#past, lost: { ...this.#past.lost } };
    for (const [lane, progress] of living) this.#add(sum, lane, progress);
    return sum;
  }

  #add(sum: RevenueStatus, lane: LaneState, progress: Progress): void {
    sum.lanes += 1;
    sum.units += lane.signed.ack.units;
    sum.earned += laneCost(lane.price, lane.signed.ack.units);
    sum.submitted += laneCost(lane.price, progress.submitted);
    sum.accepted += laneCost(lane.price, progress.accepted);
    sum.paid += laneCost(lane.price, progress.paid);
  }
}

export function publishRevenue(metrics: Metrics, status: RevenueStatus): void {
  for (const state of ["earned", "submitted", "accepted", "paid"] as const) {
    const help = "Acknowledged work in micro-USD, by how far it has got";
    metrics.gauge("flk_delivery_revenue_micro_usd", help, { state }).set(Number(status[state]));
  }
  for (const [reason, amount] of Object.entries(status.lost)) {
    const help = "Acknowledged work in micro-USD that the chain did not pay, by reason";
    metrics.gauge("flk_delivery_lost_micro_usd", help, { reason }).set(Number(amount));
  }
}
