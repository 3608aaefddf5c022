import type { Clock } from "#node/interface/clock.ts";
import type { CreditSteps } from "#protocol/params/credit.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { deliveryError } from "./errors.ts";
import type { Cover } from "./funds.ts";
import type { ClaimedDelivery, LaneRequest } from "./types.ts";

/** Transfers of one session key that run at once: they share one window, so more of them would be no faster. */
const MAX_ACTIVE_TRANSFERS = 16;

/** A debt outlives so many turns less one: two whole epochs. */
const TURNS_OWED = 3;

/** Bytes of one content on their way to one client, or ms of one run for it. */
export interface Transfer {
  readonly id: number;
  readonly request: LaneRequest;
  readonly contentHash: Uint8Array;
  /** offsets in the content: acknowledged up to, sent up to */
  acked: bigint;
  sent: bigint;
  /** false once nothing more will be sent */
  active: boolean;
  /** epochs' turns since it ended */
  turns: number;
}

function sameLane(a: LaneRequest, b: LaneRequest): boolean {
  return a.lane === b.lane && a.service === b.service && a.commodity === b.commodity;
}

/**
 * What one session key owes at this node of one commodity: units served and not acknowledged, over all its lanes and epochs, never
 * exceed what is covered, nor one step together with what is acknowledged and not covered. The step starts at `steps.first` and
 * doubles each time so much was acknowledged, up to `steps.max`. Rule D3.
 */
export class Credit {
  /** units served and not acknowledged */
  outstanding = 0;
  /** `elapsed` of the clock at the last transfer or acknowledgement */
  usedAt: number;
  readonly transfers = new Map<number, Transfer>();
  /** units that this node may have served before it was restarted, and forgot */
  #forgotten: number;
  #step: number;
  /** units acknowledged since the step grew */
  #acknowledgedInStep = 0;
  readonly #waiting = new Map<() => void, LaneRequest>();
  readonly #clock: Clock;
  readonly #steps: CreditSteps;
  readonly #cover: (request: LaneRequest) => Cover;

  /**
   * `servedBefore`: an earlier process served this session key, and what it sent last is not known. `cover`: how far the money
   * reaches (`coverOf`).
   */
  constructor(
    clock: Clock,
    steps: CreditSteps,
    servedBefore: boolean,
    cover: (request: LaneRequest) => Cover,
  ) {
    this.#steps = steps;
    this.#step = steps.first;
    this.#clock = clock;
    this.usedAt = clock.elapsed();
    this.#cover = cover;
    this.#forgotten = servedBefore ? steps.max : 0;
  }

  /** Units that may be served and not acknowledged now. */
  window(request: LaneRequest): number {
    const { covered, uncovered } = this.#cover(request);
    return Math.max(0, Math.min(this.#step - uncovered, covered));
  }

  get idle(): boolean {
    return this.activeTransfers === 0;
  }

  get activeTransfers(): number {
    let active = 0;
    for (const transfer of this.transfers.values()) if (transfer.active) active += 1;
    return active;
  }

  /** @throws ERR_TOO_MANY_TRANSFERS, ERR_CREDIT_EXHAUSTED */
  begin(id: number, request: LaneRequest, contentHash: Uint8Array, offset: bigint): Transfer {
    if (this.activeTransfers >= MAX_ACTIVE_TRANSFERS) {
      throw deliveryError(
        "ERR_TOO_MANY_TRANSFERS",
        `a session key has at most ${MAX_ACTIVE_TRANSFERS} transfers at once`,
        { max: MAX_ACTIVE_TRANSFERS },
      );
    }
    const window = Math.max(this.#steps.first, this.window(request));
    if (this.#owed() >= window) {
      throw deliveryError("ERR_CREDIT_EXHAUSTED", "acknowledge what was delivered before asking for more", {
        window,
      });
    }
    const transfer: Transfer = {
      id,
      request,
      contentHash,
      acked: offset,
      sent: offset,
      active: true,
      turns: 0,
    };
    this.transfers.set(id, transfer);
    this.usedAt = this.#clock.elapsed();
    return transfer;
  }

  /**
   * Waits until at least one unit may be served and counts up to `max` as sent.
   * @throws ERR_CREDIT_TIMEOUT after `timeoutMs` without an acknowledgement, ERR_RESERVATION_REQUIRED when it was money that
   * was missing, ERR_TRANSFER_ABORTED
   */
  async reserve(transfer: Transfer, max: number, timeoutMs: number, signal: AbortSignal): Promise<number> {
    for (;;) {
      if (signal.aborted) throw deliveryError("ERR_TRANSFER_ABORTED", "the client closed the connection");
      const free = this.window(transfer.request) - this.outstanding;
      if (free > 0) {
        const granted = Math.min(free, max);
        this.#sent(transfer, transfer.sent + BigInt(granted));
        return granted;
      }
      if (!(await this.#moved(transfer.request, timeoutMs, signal)) && !signal.aborted) {
        throw this.#timeout(transfer.request, timeoutMs);
      }
    }
  }

  #timeout(request: LaneRequest, timeoutMs: number): Error {
    if (this.outstanding >= this.#steps.first || this.outstanding < this.window(request)) {
      return deliveryError("ERR_CREDIT_TIMEOUT", `no acknowledgement for ${timeoutMs} ms`, { timeoutMs });
    }
    const message = `nothing is reserved for what is acknowledged and not paid, for ${timeoutMs} ms`;
    return deliveryError("ERR_RESERVATION_REQUIRED", message, { timeoutMs });
  }

  /** The chain has moved: what waited for money may go on. */
  recheck(): void {
    for (const [wake, request] of [...this.#waiting]) if (this.window(request) > this.outstanding) wake();
  }

  /** Takes back what was reserved and will not be sent, unless it is acknowledged all the same. */
  giveBack(transfer: Transfer, units: number): void {
    const back = Math.min(units, Number(transfer.sent - transfer.acked));
    this.#sent(transfer, transfer.sent - BigInt(back));
    this.#wake();
  }

  #sent(transfer: Transfer, to: bigint): void {
    this.outstanding += Number(to - transfer.sent);
    transfer.sent = to;
  }

  /** Units of transfers that have ended: what runs is acknowledged as it flows, and the next one waits for it. */
  #owed(): number {
    let owed = 0;
    for (const t of this.transfers.values()) if (!t.active) owed += Number(t.sent - t.acked);
    return owed;
  }

  end(transfer: Transfer): void {
    transfer.active = false;
    this.usedAt = this.#clock.elapsed();
    if (transfer.acked === transfer.sent) this.transfers.delete(transfer.id);
  }

  /**
   * An epoch has begun. What ended transfers left unacknowledged for two whole epochs is written off, so that a client that lost more than
   * it may acknowledge on our word is not locked out for ever; the step begins anew, so that this costs no more than a new key does.
   */
  turn(): void {
    for (const transfer of [...this.transfers.values()]) {
      if (transfer.active || ++transfer.turns < TURNS_OWED) continue;
      const owed = Number(transfer.sent - transfer.acked);
      this.outstanding -= owed;
      this.#forgotten = Math.min(this.#forgotten + owed, this.#steps.max);
      this.#step = this.#steps.first;
      this.#acknowledgedInStep = 0;
      this.transfers.delete(transfer.id);
    }
    this.#wake();
  }

  /**
   * Matches entries with what was sent; returns what applies them, once the acknowledgement is durable.
   * @throws ERR_ACK_LOG (not what was served), ERR_ACK_UNITS (more than was served, or nothing)
   */
  match(request: LaneRequest, entries: readonly ClaimedDelivery[]): () => void {
    const acked = new Map<Transfer, bigint>();
    let forgotten = this.#forgotten;
    let units = 0;
    for (const entry of entries) {
      if (entry.units === 0n) {
        throw deliveryError("ERR_ACK_UNITS", "a delivery of no units", { transfer: entry.transfer });
      }
      const transfer = this.transfers.get(entry.transfer);
      if (!transfer || !equalBytes(transfer.contentHash, entry.contentHash)) {
        if (entry.units > BigInt(forgotten)) {
          throw deliveryError("ERR_ACK_UNITS", "acknowledges a transfer that this node does not know", {
            transfer: entry.transfer,
          });
        }
        forgotten -= Number(entry.units);
        continue;
      }
      const from = acked.get(transfer) ?? transfer.acked;
      if (!sameLane(transfer.request, request) || entry.offset !== from) {
        throw deliveryError("ERR_ACK_LOG", "not what this transfer served next", {
          transfer: entry.transfer,
          expectedOffset: from,
        });
      }
      const to = from + entry.units;
      if (to > transfer.sent) {
        throw deliveryError("ERR_ACK_UNITS", "acknowledges more than was served", {
          transfer: entry.transfer,
          served: transfer.sent - from,
        });
      }
      acked.set(transfer, to);
      units += Number(entry.units);
    }
    return () => {
      this.usedAt = this.#clock.elapsed();
      this.#forgotten = forgotten;
      this.outstanding -= units;
      this.#grow(request, units);
      for (const [transfer, to] of acked) {
        // It may have been given back while the acknowledgement was written.
        if (to > transfer.sent) this.#sent(transfer, to);
        transfer.acked = to;
        if (!transfer.active && to === transfer.sent) this.transfers.delete(transfer.id);
      }
      this.#wake();
    };
  }

  /** Parts of ended transfers of this lane that nobody acknowledged, oldest first. */
  unacknowledged(request: LaneRequest): ClaimedDelivery[] {
    return [...this.transfers.values()]
      .filter((t) => !t.active && sameLane(t.request, request))
      .map((t) => ({ transfer: t.id, contentHash: t.contentHash, offset: t.acked, units: t.sent - t.acked }));
  }

  /** What nothing is reserved for earns no more credit. */
  #grow(request: LaneRequest, units: number): void {
    if (this.#cover(request).uncovered > 0) return;
    this.#acknowledgedInStep += units;
    if (this.#acknowledgedInStep < this.#step) return;
    this.#acknowledgedInStep = 0;
    this.#step = Math.min(2 * this.#step, this.#steps.max);
  }

  #wake(): void {
    for (const wake of [...this.#waiting.keys()]) wake();
  }

  /** Resolves with true when something was acknowledged, or with what the chain has now there is room. */
  #moved(request: LaneRequest, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (moved: boolean): void => {
        cancel();
        signal.removeEventListener("abort", onAbort);
        this.#waiting.delete(wake);
        resolve(moved);
      };
      const wake = (): void => finish(true);
      const onAbort = (): void => finish(false);
      const cancel = this.#clock.after(timeoutMs, () => finish(false));
      this.#waiting.set(wake, request);
      signal.addEventListener("abort", onAbort);
    });
  }
}
