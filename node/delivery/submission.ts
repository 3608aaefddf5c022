import type { Ed25519Signer } from "#crypto";
import type { ChainView, TransactionPool } from "#node/interface/chain-view.ts";
import type { Clock } from "#node/interface/clock.ts";
import type { Logger } from "#node/interface/logger.ts";
import type { Metrics } from "#node/interface/metrics.ts";
import { laneCost } from "#node/transition/block/lane-payment.ts";
import type { NetworkContext } from "#protocol/digests/network.ts";
import { signNodeTransaction } from "#protocol/digests/transactions.ts";
import { RECEIPT_CODES } from "#protocol/errors/codes.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { MAX_ACKS_PER_TRANSACTION, MAX_TRANSACTION_BYTES } from "#protocol/params/limits.ts";
import { SignedAck, SignedDelegation } from "#protocol/types/ack.ts";
import { maxBigint } from "#protocol/types/bigint.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import { SubmitAcks, TX } from "#protocol/types/transactions.ts";
import { handIn, wasOvertaken } from "./hand-in.ts";
import type { LaneBook } from "./lane-book.ts";
import { outcomeOf, retryOf } from "./retries.ts";
import { newProgress, type Progress, publishRevenue, Revenue, type RevenueStatus } from "./revenue.ts";
import type { Sequences } from "./sequences.ts";
import type { LaneState } from "./types.ts";

/** ms */
export interface SubmissionTiming {
  /** an acknowledgement waits at most so long for others to share its transaction */
  batchMs: number;
  /** how often receipts are looked for */
  tickMs: number;
  /** a transaction without a receipt is handed in again after this long */
  resubmitMs: number;
  /** nothing waits when the epoch's end is nearer than this */
  beforeEndMs: number;
  /**
   * what the chain did not take in full is handed in again after this long at first, while its window is open, and the last time
   * so long before the window's end
   */
  retryMs: number;
}

export const DEFAULT_SUBMISSION: SubmissionTiming = {
  batchMs: 3_000,
  tickMs: 500,
  resubmitMs: 10_000,
  beforeEndMs: 2_000,
  retryMs: 15_000,
};

export interface SubmitterOptions {
  context: NetworkContext;
  /** nodeId */
  self: number;
  /** network key */
  signer: Ed25519Signer;
  chain: ChainView;
  pool: TransactionPool;
  sequences: Sequences;
  lanes: LaneBook;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  timing: SubmissionTiming;
}

/** A transaction that waits for its receipt. */
interface Flight {
  bytes: Uint8Array;
  /** undefined until the pool has taken it */
  txId: Uint8Array | undefined;
  lanes: { lane: LaneState; units: bigint }[];
  /** of the clock's `elapsed` */
  sentAt: number;
}

/**
 * Hands the newest acknowledgement of every lane to the chain until it is paid or can no longer be (rule D8). It keeps
 * nothing on disk: whatever exceeds what the chain paid is handed in, after a restart too.
 */
export class Submitter {
  readonly #o: SubmitterOptions;
  readonly #progress = new Map<LaneState, Progress>();
  readonly #flights = new Set<Flight>();
  readonly #revenue = new Revenue();
  #running: Promise<void> | undefined;
  #cancel: (() => void) | undefined;
  #stopped = true;

  constructor(options: SubmitterOptions) {
    this.#o = options;
  }

  start(): void {
    this.#stopped = false;
    for (const lane of this.#o.lanes.all()) this.noteAck(lane);
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#running;
  }

  /** A lane has a newer acknowledgement, durable already. */
  noteAck(lane: LaneState): void {
    const progress = this.#of(lane);
    if (earnsMore(lane, progress.submitted)) progress.waitingSince ??= this.#o.clock.elapsed();
  }

  status(): RevenueStatus {
    return this.#revenue.status(this.#progress);
  }

  /** Runs one round now, e.g. at an epoch's end; rounds never overlap. */
  async flush(): Promise<void> {
    await this.#running;
    this.#running ??= this.#round().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  #schedule(): void {
    this.#cancel = this.#o.clock.after(this.#o.timing.tickMs, () => {
      void this.flush()
        .catch((error: unknown) => {
          this.#o.logger.error("acks.submission_failed", { code: errorCode(error), message: String(error) });
        })
        .finally(() => {
          if (!this.#stopped) this.#schedule();
        });
    });
  }

  async #round(): Promise<void> {
    for (const flight of [...this.#flights]) await this.#follow(flight);
    for (const [lane, progress] of this.#progress) {
      progress.paid = maxBigint(progress.paid, this.#o.chain.lanePaid(lane.id));
      progress.accepted = maxBigint(progress.accepted, progress.paid);
      progress.submitted = maxBigint(progress.submitted, progress.paid);
    }
    this.#closeStale();
    const due = this.#due();
    for (const lanes of inTransactions(due)) await this.#send(lanes);
    publishRevenue(this.#o.metrics, this.status());
  }

  #of(lane: LaneState): Progress {
    const known = this.#progress.get(lane);
    if (known) return known;
    const made = newProgress(this.#o.chain.lanePaid(lane.id));
    this.#progress.set(lane, made);
    return made;
  }

  /** Lanes to hand in now; a single one that has waited long enough takes the others along. */
  #due(): LaneState[] {
    const { chain, clock, timing } = this.#o;
    const head = chain.head();
    const now = clock.elapsed();
    const left = head.epochEnd - clock.now();
    const open: LaneState[] = [];
    let urgent = left < timing.beforeEndMs;
    for (const [lane, progress] of this.#progress) {
      const { epoch } = lane.signed.ack;
      if (!earnsMore(lane, progress.submitted) || epoch > head.epoch || epoch < head.epoch - 1) continue;
      const retry = retryOf(chain, lane, progress, { now, left, lastMs: timing.retryMs });
      if (retry === "none") continue;
      if (retry === "last") progress.lastTried = true;
      open.push(lane);
      const waited = now - (progress.waitingSince ?? now);
      if (waited >= timing.batchMs || epoch < head.epoch || progress.notBefore > 0) urgent = true;
    }
    return urgent || open.length >= MAX_ACKS_PER_TRANSACTION ? open : [];
  }

  async #send(lanes: LaneState[]): Promise<void> {
    const { context, self, signer, sequences, clock, metrics } = this.#o;
    const acks = lanes.map((lane) => lane.signed);
    const delegations = [...delegationsOf(lanes).values()];
    const bytes = signNodeTransaction(
      context,
      { kind: TX.submitAcks, body: { node: self, sequence: sequences.next(), acks, delegations } },
      signer,
    );
    const flight: Flight = {
      bytes,
      txId: undefined,
      lanes: lanes.map((lane, i) => ({ lane, units: (acks[i] as LaneState["signed"]).ack.units })),
      sentAt: clock.elapsed(),
    };
    for (const { lane, units } of flight.lanes) {
      const progress = this.#of(lane);
      progress.submitted = units;
      progress.waitingSince = undefined;
      progress.notBefore = 0;
    }
    this.#flights.add(flight);
    metrics.counter("flk_delivery_submissions_total", "SubmitAcks transactions made").inc();
    await this.#handIn(flight);
  }

  async #handIn(flight: Flight): Promise<void> {
    flight.sentAt = this.#o.clock.elapsed();
    try {
      flight.txId = await handIn(this.#o.pool, flight.bytes);
      if (!flight.txId) this.#overtaken(flight);
    } catch (error) {
      this.#o.logger.warn("acks.not_taken", { code: errorCode(error), lanes: flight.lanes.length });
    }
  }

  /** Others of a later sequence were ordered before it: its lanes go into another one. */
  #overtaken(flight: Flight): void {
    this.#o.logger.warn("acks.overtaken", { lanes: flight.lanes.length });
    this.#flights.delete(flight);
    for (const { lane } of flight.lanes) {
      const progress = this.#of(lane);
      progress.submitted = progress.paid;
      progress.waitingSince ??= flight.sentAt;
    }
  }

  async #follow(flight: Flight): Promise<void> {
    const receipt = flight.txId && (await this.#o.pool.receipt(flight.txId));
    if (receipt && wasOvertaken(receipt)) return this.#overtaken(flight);
    if (receipt) {
      this.#flights.delete(flight);
      flight.lanes.forEach(({ lane, units }, i) => {
        this.#settle(lane, units, receipt.status, receipt.ackStatus[i]);
      });
      return;
    }
    if (
      this.#o.clock.elapsed() - flight.sentAt <
      (flight.txId ? this.#o.timing.resubmitMs : 2 * this.#o.timing.tickMs)
    )
      return;
    const oldest = this.#o.chain.head().epoch - 1;
    if (flight.lanes.every(({ lane }) => lane.signed.ack.epoch < oldest)) this.#flights.delete(flight);
    else await this.#handIn(flight);
  }

  #settle(lane: LaneState, units: bigint, status: number, ackStatus: number | undefined): void {
    const progress = this.#of(lane);
    const { code, outcome } =
      status === 0
        ? outcomeOf(ackStatus)
        : { code: RECEIPT_CODES[status] ?? "ERR_RECEIPT", outcome: "again" as const };
    if (!code.startsWith("ERR_")) progress.accepted = maxBigint(progress.accepted, units);
    if (outcome === "paid") {
      progress.paid = maxBigint(progress.paid, units);
      progress.reason = undefined;
      progress.shortMs = 0;
      return;
    }
    if (code !== progress.reason)
      this.#o.logger.warn("acks.not_paid", { code, account: hex(lane.signed.ack.account), units });
    progress.reason = code;
    progress.final = outcome === "final";
    progress.submitted = progress.paid;
    if (outcome === "money") progress.shortMs = progress.shortMs * 2 || this.#o.timing.retryMs;
    progress.notBefore = this.#o.clock.elapsed() + Math.max(progress.shortMs, this.#o.timing.retryMs);
  }

  #closeStale(): void {
    const inFlight = new Set([...this.#flights].flatMap((f) => f.lanes.map((l) => l.lane)));
    for (const lane of this.#o.lanes.stale(this.#o.chain)) {
      if (inFlight.has(lane)) continue;
      const progress = this.#of(lane);
      const lost = this.#revenue.close(lane, progress);
      if (lost > 0n) this.#o.logger.warn("acks.lost", { microUsd: lost, reason: progress.reason });
      this.#progress.delete(lane);
      this.#o.lanes.delete(lane);
    }
  }
}

function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}

/** Whether the newest acknowledgement costs more than `units` do: the chain takes nothing else. */
function earnsMore({ signed, price }: LaneState, units: bigint): boolean {
  return laneCost(price, signed.ack.units) > laneCost(price, units);
}

/** Each delegated key's once. */
function delegationsOf(lanes: readonly LaneState[]): Map<string, SignedDelegation> {
  const delegations = new Map<string, SignedDelegation>();
  for (const { signed, delegation } of lanes) {
    if (delegation) delegations.set(bytesKey(signed.ack.account) + bytesKey(signed.ack.session), delegation);
  }
  return delegations;
}

/** node id, sequence number and offsets beside the lists */
const ROOM = MAX_TRANSACTION_BYTES - SubmitAcks.fixedEnd;

/**
 * Cuts lanes into what one transaction holds, by number and by bytes, older epochs first: a transaction has one delegation for
 * a key, and the lanes of another epoch may need another one.
 */
export function inTransactions(lanes: readonly LaneState[]): LaneState[][] {
  const parts: LaneState[][] = [];
  let known = new Map<string, SignedDelegation>();
  let size = Number.POSITIVE_INFINITY;
  for (const lane of lanes.toSorted((a, b) => a.signed.ack.epoch - b.signed.ack.epoch)) {
    const { signed, delegation } = lane;
    const key = bytesKey(signed.ack.account) + bytesKey(signed.ack.session);
    const carried = known.get(key);
    const fits = !delegation || !carried || SignedDelegation.equals(delegation, carried);
    const cost = SignedAck.fixedEnd + (delegation && !carried ? SignedDelegation.fixedEnd : 0);
    const last = parts.at(-1);
    if (last && fits && last.length < MAX_ACKS_PER_TRANSACTION && size + cost <= ROOM) {
      last.push(lane);
      size += cost;
    } else {
      parts.push([lane]);
      known = new Map();
      size = SignedAck.fixedEnd + (delegation ? SignedDelegation.fixedEnd : 0);
    }
    if (delegation) known.set(key, delegation);
  }
  return parts;
}
