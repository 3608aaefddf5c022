import { setTimeout as sleep } from "node:timers/promises";
import type { Genesis, L2Reader } from "#node/interface/l2.ts";
import type { Logger } from "#node/interface/logger.ts";
import type { Metrics } from "#node/interface/metrics.ts";
import type { Startable } from "#node/interface/startable.ts";
import type { Store } from "#node/interface/store.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { errorCode, type FlkError, isFlkError } from "#protocol/errors/error.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import type { L2Checkpoint } from "#protocol/types/consensus.ts";
import { toHex } from "#protocol/types/hex.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import { AgreeingRpc } from "./agreeing-rpc.ts";
import { CheckpointCache } from "./checkpoint-cache.ts";
import type { Finality, L2Contracts } from "./contracts.ts";
import { l2Error } from "./errors.ts";
import { EventStore } from "./event-store.ts";
import { buildGenesis } from "./genesis.ts";
import { type PlacedEvent, parseLogs, type StartedLog } from "./parse-logs.ts";
import { aborted, Waiters } from "./waiters.ts";

const FIRST_RANGE = 500;
const MAX_RANGE = 10_000;
/** ms */
const FIRST_RETRY = 500;
const LAST_RETRY = 10_000;
/** An RPC behind a load balancer may lag for a moment, so a disagreement is asked again before it is believed. */
const DISAGREEMENTS = 3;
const CHECKPOINTS_PER_STEP = 64;

export interface L2ReaderOptions {
  /** all of them must agree */
  rpcUrls: readonly string[];
  chainId: number;
  contracts: L2Contracts;
  /** first L2 block that can hold a log of the contracts */
  fromBlock: number;
  finality?: Finality;
  /** ms between looks at the newest finalized block */
  pollMs?: number;
  store: Store;
  logger: Logger;
  metrics: Metrics;
  /** The reader has stopped for good; everything that waits on it rejects with the same error. */
  onFatal(error: FlkError): void;
}

class RpcL2Reader implements L2Reader, Startable {
  #options: L2ReaderOptions;
  #rpc: AgreeingRpc;
  #networkId: Uint8Array;
  #events: EventStore;
  #checkpoints = new CheckpointCache();
  #waiters = new Waiters();
  #cursor: L2Checkpoint | undefined;
  #genesis: Genesis | undefined;
  #range = FIRST_RANGE;
  #ready = false;
  #failingSince: number | undefined;
  #retryMs = FIRST_RETRY;
  #disagreements = 0;
  #stopping = new AbortController();
  #wake = () => {};
  #running: Promise<void> | undefined;

  constructor(options: L2ReaderOptions) {
    this.#options = options;
    this.#rpc = new AgreeingRpc(options.rpcUrls, options.finality ?? "finalized");
    this.#networkId = networkContext(options.chainId, options.contracts.settlement).networkId;
    this.#events = new EventStore(options.store, this.#networkId);
  }

  async start(): Promise<void> {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return this.#running;
    this.#stopping.abort();
    this.#waiters.fail(aborted());
    await this.#running;
  }

  unreachableSince(): number | undefined {
    return this.#failingSince;
  }

  async genesis(signal?: AbortSignal): Promise<Genesis> {
    await this.#waiters.until(() => this.#genesis !== undefined, signal);
    return this.#genesis as Genesis;
  }

  finalized(): L2Checkpoint | undefined {
    return this.#cursor;
  }

  checkpoints(after: number, stride: number, limit: number): L2Checkpoint[] {
    if (!this.#cursor || stride < 1) return [];
    const upTo = this.#cursor.number;
    const list = this.#checkpoints.list(after, stride, limit, upTo);
    if (this.#checkpoints.missing(upTo, 1).length > 0) this.#wake();
    return list;
  }

  async events(after: number, upTo: L2Checkpoint, signal?: AbortSignal): Promise<L2Event[]> {
    await this.#waiters.until(() => (this.#cursor?.number ?? -1) >= upTo.number, signal);
    const own = await this.#hashOf(upTo.number, signal);
    if (!equalBytes(own, upTo.hash)) {
      const data = { block: upTo.number, own: toHex(own), agreed: toHex(upTo.hash) };
      throw l2Error(
        "ERR_L2_FORK",
        `block ${upTo.number} has another hash here than the network agreed on`,
        data,
      );
    }
    return this.#events.range(after, upTo.number);
  }

  async #hashOf(number: number, signal?: AbortSignal): Promise<Uint8Array> {
    for (;;) {
      if (this.#cursor?.number === number) return this.#cursor.hash;
      const known = this.#checkpoints.get(number);
      if (known) return known;
      try {
        return (await this.#rpc.block(number)).hash;
      } catch (error) {
        if (!isFlkError(error, "ERR_L2_UNREACHABLE")) throw error;
      }
      await this.#pause(FIRST_RETRY, signal);
    }
  }

  async #pause(ms: number, signal?: AbortSignal): Promise<void> {
    const stop = this.#stopping.signal;
    try {
      await sleep(ms, undefined, { signal: signal ? AbortSignal.any([stop, signal]) : stop });
    } catch {
      throw aborted();
    }
  }

  async #run(): Promise<void> {
    const { pollMs = 1000 } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        const more = await this.#step();
        this.#recovered();
        if (!more) await this.#idle(pollMs);
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        if (!this.#isTransient(error)) {
          this.#fail(error);
          return;
        }
        await this.#idle(this.#retryMs);
        this.#retryMs = Math.min(LAST_RETRY, 2 * this.#retryMs);
      }
    }
  }

  /** Ends early when `#wake` is called or the reader stops. */
  async #idle(ms: number): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    try {
      await sleep(ms, undefined, { signal: AbortSignal.any([woken.signal, this.#stopping.signal]) });
    } catch {
      // woken or stopped
    }
    this.#wake = () => {};
  }

  /** True when there is more to read at once. */
  async #step(): Promise<boolean> {
    if (!this.#ready) await this.#prepare();
    const target = await this.#rpc.finalizedNumber();
    const from = this.#cursor ? this.#cursor.number + 1 : this.#options.fromBlock;
    const to = Math.min(target, from + this.#range - 1);
    if (to >= from) await this.#read(from, to);
    await this.#fetchCheckpoints();
    return to >= from && to < target;
  }

  async #prepare(): Promise<void> {
    await this.#rpc.assertChainId(this.#options.chainId);
    const { cursor, genesis } = await this.#events.load();
    if (cursor) {
      const now = await this.#rpc.block(cursor.number);
      if (!equalBytes(now.hash, cursor.hash)) {
        const data = { block: cursor.number, before: toHex(cursor.hash), now: toHex(now.hash) };
        throw l2Error("ERR_L2_FORK", `block ${cursor.number} was final and has changed`, data);
      }
    }
    this.#cursor = cursor;
    this.#genesis = genesis;
    this.#ready = true;
    this.#waiters.check();
  }

  async #read(from: number, to: number): Promise<void> {
    const { contracts, metrics } = this.#options;
    const { staking, vault, parameters, services, settlement, auction } = contracts;
    const addresses = [staking, vault, parameters, services, settlement, auction];
    const [logs, checkpoint] = await this.#shrinking(() =>
      Promise.all([this.#rpc.logs(addresses, from, to), this.#rpc.block(to)]),
    );
    const { events, started } = parseLogs(contracts, logs);
    const genesis = started && !this.#genesis ? await this.#start(started, events, from) : undefined;
    await this.#events.append(events, checkpoint, genesis);
    this.#genesis ??= genesis;
    this.#cursor = checkpoint;
    this.#checkpoints.add(checkpoint);
    metrics.gauge("flk_l2_finalized_block", "Highest finalized L2 block that was read").set(to);
    metrics.counter("flk_l2_events_total", "Events read from finalized L2 logs").inc(events.length);
    this.#waiters.check();
  }

  /** Providers bound the range or the answer: halve on failure, grow on success. */
  async #shrinking<T>(read: () => Promise<T>): Promise<T> {
    try {
      const result = await read();
      this.#range = Math.min(MAX_RANGE, this.#range * 2);
      return result;
    } catch (error) {
      this.#range = Math.max(1, Math.floor(this.#range / 2));
      throw error;
    }
  }

  async #start(started: StartedLog, events: readonly PlacedEvent[], from: number): Promise<Genesis> {
    const before = await this.#events.range(-1, from - 1);
    const genesis = buildGenesis(this.#networkId, started, [...before, ...events.map(({ event }) => event)]);
    const { number } = genesis.checkpoint;
    this.#options.logger.info("l2.started", { block: number, members: genesis.committee.members.length });
    return genesis;
  }

  async #fetchCheckpoints(): Promise<void> {
    const upTo = this.#cursor?.number ?? -1;
    const missing = this.#checkpoints.missing(upTo, CHECKPOINTS_PER_STEP);
    const found = await Promise.all(missing.map((number) => this.#rpc.block(number)));
    for (const checkpoint of found) this.#checkpoints.add(checkpoint);
  }

  #isTransient(error: unknown): boolean {
    if (isFlkError(error, "ERR_L2_DISAGREE")) {
      this.#disagreements++;
      this.#options.logger.warn("l2.disagree", { reason: error.message, times: this.#disagreements });
      return this.#disagreements < DISAGREEMENTS;
    }
    if (!isFlkError(error, "ERR_L2_UNREACHABLE")) return false;
    if (this.#failingSince === undefined) {
      this.#failingSince = Date.now();
      this.#options.logger.warn("l2.unreachable", { reason: error.message });
      this.#options.metrics.gauge("flk_l2_reachable", "1 while the L2 answers").set(0);
    }
    return true;
  }

  #recovered(): void {
    this.#disagreements = 0;
    this.#retryMs = FIRST_RETRY;
    if (this.#failingSince === undefined) return;
    this.#options.logger.info("l2.reachable", { outageMs: Date.now() - this.#failingSince });
    this.#options.metrics.gauge("flk_l2_reachable", "1 while the L2 answers").set(1);
    this.#failingSince = undefined;
  }

  #fail(error: unknown): void {
    const { logger, onFatal } = this.#options;
    const fatal = isFlkError(error)
      ? error
      : l2Error("ERR_INTERNAL", "the L2 reader failed", {}, { cause: error });
    logger.error("l2.stopped", { code: errorCode(fatal), reason: fatal.message });
    this.#waiters.fail(fatal);
    onFatal(fatal);
  }
}

/**
 * Follows the L2's finalized blocks into the "l2" namespace of the store. `start` returns at once; an L2 that does not
 * answer is waited for, with `unreachableSince` (Unix ms) saying since when.
 */
export function createL2Reader(
  options: L2ReaderOptions,
): L2Reader & Startable & { unreachableSince(): number | undefined } {
  return new RpcL2Reader(options);
}
