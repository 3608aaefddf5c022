import type { Clock } from "#node/interface/clock.ts";
import type { L2Poster } from "#node/interface/l2.ts";
import type { Logger } from "#node/interface/logger.ts";
import type { Metrics } from "#node/interface/metrics.ts";
import { drawRank } from "#protocol/digests/consensus.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { compareBytes } from "#protocol/types/codec.ts";
import type { Committee } from "#protocol/types/committee.ts";
import type { Settlement } from "#protocol/types/settlement.ts";
import type { ClosedRecord } from "./closed-record.ts";
import type { SettlementStore } from "./settlement-store.ts";

/** EPO-POST: ranks of the old members by H(seed ‖ nodeId), lowest first; −1 when `node` is none of them. */
export function posterRank(
  networkId: Uint8Array,
  seed: Uint8Array,
  committee: Committee,
  node: number,
): number {
  return committee.members
    .map(({ nodeId }) => ({ nodeId, draw: drawRank(networkId, "poster", seed, nodeId) }))
    .sort((a, b) => compareBytes(a.draw, b.draw))
    .findIndex(({ nodeId }) => nodeId === node);
}

export interface PosterOptions {
  networkId: Uint8Array;
  self: number;
  poster: L2Poster;
  store: SettlementStore;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** ms that each rank waits for the one before it */
  stepMs: number;
}

const RETRY_FIRST_MS = 1_000;
const RETRY_LAST_MS = 30_000;

/**
 * Posts settlements to the L2, oldest unposted first, and makes them active when they are due, unless others did; one attempt at a
 * time (DESIGN §6 Handover).
 */
export class SettlementPoster {
  #options: PosterOptions;
  #target = -1;
  /** of the newest epoch in whose committee we were */
  #rank = 0;
  #cancelActivation: (() => void) | undefined;
  #posting: Promise<void> | undefined;
  #timers = new Set<() => void>();
  #retryMs = RETRY_FIRST_MS;
  #stopped = false;

  constructor(options: PosterOptions) {
    this.#options = options;
  }

  /** The epoch of `record` has its certificate. Does nothing unless we were in its committee. */
  settled(record: ClosedRecord): void {
    const { networkId, self, stepMs } = this.#options;
    const rank = posterRank(networkId, record.nextSeed, record.committee, self);
    if (rank < 0) return;
    this.#rank = rank;
    this.#later(stepMs * rank, record.settlement.epoch);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#cancelActivation?.();
    await this.#posting;
  }

  #later(ms: number, epoch: number): void {
    if (this.#stopped) return;
    const cancel = this.#options.clock.after(ms, () => {
      this.#timers.delete(cancel);
      this.#target = Math.max(this.#target, epoch);
      this.#posting ??= this.#attempt();
    });
    this.#timers.add(cancel);
  }

  async #attempt(): Promise<void> {
    try {
      let target: number;
      do {
        target = this.#target;
        await this.#postUpToTarget();
        await this.#activate();
      } while (target < this.#target && !this.#stopped);
      this.#retryMs = RETRY_FIRST_MS;
    } catch (error) {
      this.#options.logger.warn("settlement not posted or not active, will try again", {
        epoch: this.#target,
        code: errorCode(error),
        reason: error instanceof Error ? error.message : String(error),
        retryMs: this.#retryMs,
      });
      this.#later(this.#retryMs, this.#target);
      this.#retryMs = Math.min(2 * this.#retryMs, RETRY_LAST_MS);
    } finally {
      this.#posting = undefined;
    }
  }

  async #postUpToTarget(): Promise<void> {
    const { poster, store, logger, metrics } = this.#options;
    let next = (await poster.lastSettledEpoch()) + 1;
    for (; next <= this.#target && !this.#stopped; next++) {
      const certificate = await store.certificate(next);
      // the L2 is behind what this node ever saw: others that have it will post it
      if (!certificate) return;
      const posted = await poster.settle(certificate, await this.#settlementOf(next - 1));
      if (!posted) continue;
      metrics.counter("flk_settlements_posted_total", "Settlements this node posted to the L2").inc();
      logger.info("settlement posted", { epoch: next, txHash: posted.txHash, gas: posted.gasUsed });
    }
  }

  async #settlementOf(epoch: number): Promise<Settlement | undefined> {
    return epoch < 0 ? undefined : (await this.#options.store.certificate(epoch))?.settlement;
  }

  /** What is posted pays once it is active: the poster of rank k comes back k steps after the next one is due. */
  async #activate(): Promise<void> {
    const { poster, clock, stepMs } = this.#options;
    const dueMs = await poster.activate((epoch) => this.#settlementOf(epoch));
    this.#cancelActivation?.();
    this.#cancelActivation = undefined;
    if (dueMs === undefined || this.#stopped) return;
    this.#cancelActivation = clock.after(dueMs + stepMs * this.#rank, () => {
      this.#posting ??= this.#attempt();
    });
  }
}
