import { toL2Settlement } from "#protocol/digests/settlement.ts";
import { errorCode } from "#protocol/errors/error.ts";
import type { Hex } from "#protocol/types/hex.ts";
import type { Settlement } from "#protocol/types/settlement.ts";
import { type Difference, differences } from "./differences.ts";
import type { Posted, Queue } from "./posted.ts";

/** Why a posted settlement is not trusted. */
export type Alarm =
  /** another one follows from the chain */
  | { reason: "differs"; fields: Difference[] }
  /** the committee certified a block whose result is another one than executing it gives */
  | { reason: "chain" }
  /** what it settles could not be had and executed before it becomes active */
  | { reason: "unavailable" };

export type WatchEvent =
  | { event: "agrees"; epoch: number; digest: Hex }
  | ({ event: "alarm"; epoch: number; digest: Hex; activatesAt: number; pending: boolean } & Alarm)
  | { event: "vetoed"; epoch: number; digest: Hex; txHash: Hex }
  | { event: "veto_failed"; epoch: number; digest: Hex; code: string; message: string };

export interface WatcherOptions {
  posted: { read(): Promise<Posted[]>; queue(): Promise<Queue> };
  /** What was computed of a closed epoch, if it was. */
  computed(epoch: number): Promise<Settlement | undefined>;
  /** Epoch in which the certified chain left what executing it gives; undefined while it did not. */
  leftAt(): number | undefined;
  /** A settlement that cannot be recomputed so many seconds before it becomes active, or in half of its delay, is an alarm. */
  marginSeconds: number;
  /** Holds a pending settlement. "held": the L2 says that it is vetoed; `undefined`: the L2 does not show it pending. */
  veto?(posted: Posted): Promise<{ txHash: Hex } | "held" | undefined>;
  report(event: WatchEvent): void;
}

interface Watched {
  posted: Posted;
  verdict: "open" | "agrees" | "differs";
  /** an alarm that the chain is missing was given */
  missed: boolean;
  /** pending at the last look */
  pending: boolean;
  /** the L2 was read to hold it: a veto that was only sent may be lost in a reorg */
  vetoed: boolean;
  /** why the last veto failed, so that it is told once */
  failedBy: string | undefined;
}

const FRESH = {
  verdict: "open",
  missed: false,
  pending: false,
  vetoed: false,
  failedBy: undefined,
} as const;

/** Compares every settlement that is posted on the L2 with what the chain gives. */
export class Watcher {
  readonly #options: WatcherOptions;
  readonly #watched = new Map<Hex, Watched>();
  #alarms = 0;

  constructor(options: WatcherOptions) {
    this.#options = options;
  }

  /** given so far */
  get alarms(): number {
    return this.#alarms;
  }

  /** settlements that it has seen */
  get size(): number {
    return this.#watched.size;
  }

  /** Whether something that is posted has no verdict and no alarm yet, or a veto of it was not read back and did not fail. */
  get open(): boolean {
    return [...this.#watched.values()].some((watched) =>
      watched.verdict === "open"
        ? !watched.missed
        : this.#isToVeto(watched) && watched.failedBy === undefined,
    );
  }

  /** One look at the L2. Throws what reading it throws. */
  async round(): Promise<void> {
    const { posted, veto } = this.#options;
    for (const one of await posted.read()) {
      if (!this.#watched.has(one.digest)) this.#watched.set(one.digest, { ...FRESH, posted: one });
    }
    const queue = await posted.queue();
    for (const watched of this.#watched.values()) {
      if (watched.verdict === "open") await this.#judge(watched, queue);
      watched.pending = isPending(watched.posted, queue);
      if (veto && this.#isToVeto(watched)) await this.#veto(watched, veto);
    }
  }

  #isToVeto({ verdict, vetoed, pending }: Watched): boolean {
    return this.#options.veto !== undefined && verdict === "differs" && !vetoed && pending;
  }

  /** What has no verdict by now will have none: an alarm for each. */
  async giveUp(): Promise<void> {
    const queue = await this.#options.posted.queue();
    for (const watched of this.#watched.values()) this.#miss(watched, queue);
  }

  async #judge(watched: Watched, queue: Queue): Promise<void> {
    const { posted } = watched;
    const { epoch, digest } = posted;
    const own = await this.#options.computed(epoch);
    if (own) {
      const fields = differences(posted.settlement, toL2Settlement(own));
      watched.verdict = fields.length === 0 ? "agrees" : "differs";
      if (fields.length === 0) this.#options.report({ event: "agrees", epoch, digest });
      else this.#alarm(posted, queue, { reason: "differs", fields });
      return;
    }
    const left = this.#options.leftAt();
    if (left !== undefined && epoch >= left) {
      watched.verdict = "differs";
      this.#alarm(posted, queue, { reason: "chain" });
      return;
    }
    const { marginSeconds } = this.#options;
    const margin = Math.min(marginSeconds, (posted.activatesAt - posted.postedAt) / 2);
    if (isPending(posted, queue) && queue.now >= posted.activatesAt - margin) this.#miss(watched, queue);
  }

  #miss(watched: Watched, queue: Queue): void {
    if (watched.verdict !== "open" || watched.missed) return;
    watched.missed = true;
    this.#alarm(watched.posted, queue, { reason: "unavailable" });
  }

  #alarm(posted: Posted, queue: Queue, alarm: Alarm): void {
    this.#alarms++;
    const { epoch, digest, activatesAt } = posted;
    const pending = isPending(posted, queue);
    this.#options.report({ event: "alarm", epoch, digest, activatesAt, pending, ...alarm });
  }

  async #veto(watched: Watched, veto: NonNullable<WatcherOptions["veto"]>): Promise<void> {
    const { posted } = watched;
    const { epoch, digest } = posted;
    try {
      const done = await veto(posted);
      watched.failedBy = undefined;
      if (done === "held") watched.vetoed = true;
      else if (done) this.#options.report({ event: "vetoed", epoch, digest, txHash: done.txHash });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (watched.failedBy === message) return;
      watched.failedBy = message;
      this.#options.report({ event: "veto_failed", epoch, digest, code: errorCode(error), message });
    }
  }
}

function isPending({ epoch }: Posted, { firstPending, nextEpoch }: Queue): boolean {
  return epoch >= firstPending && epoch < nextEpoch;
}
