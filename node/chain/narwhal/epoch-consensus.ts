import { CommitteeView } from "#node/consensus/committee.ts";
import type { Effect } from "#node/consensus/effects.ts";
import { type EpochRules, epochRules } from "#node/consensus/header.ts";
import type { Moment } from "#node/consensus/moment.ts";
import { Primary } from "#node/consensus/primary.ts";
import type { Recovered } from "#node/consensus/primary-options.ts";
import type { PeerMessage } from "#node/consensus/wire.ts";
import type {
  ConsensusTiming,
  EpochConsensus,
  EpochConsensusOptions,
  SigningGuard,
} from "#node/interface/consensus.ts";
import { errorCode, isFlkError } from "#protocol/errors/error.ts";
import type { Batch, BatchRef, Certificate } from "#protocol/types/consensus.ts";
import { type ChannelMux, channelMux } from "../channel-mux.ts";
import { createMessageMux } from "../message-mux.ts";
import { Alarm } from "../support/alarm.ts";
import { Rejections } from "../support/reporter.ts";
import { createSyncMux } from "../sync-mux.ts";
import { BatchFetcher } from "./batch-fetcher.ts";
import { BatchStore } from "./batch-store.ts";
import { CertificateFetcher } from "./certificate-fetcher.ts";
import { CERTIFICATES_TAG, serveCertificates } from "./certificate-server.ts";
import { Committer } from "./committer.ts";
import type { EpochDeps } from "./deps.ts";
import { EffectPump } from "./effect-pump.ts";
import { narwhalError } from "./errors.ts";
import { Incoming } from "./incoming.ts";
import { Listening } from "./listening.ts";
import { OwnKeyWatch } from "./own-key-watch.ts";
import { PendingBatches } from "./pending-batches.ts";
import { pruneEpoch, recover } from "./recovery.ts";
import { Tasks } from "./tasks.ts";
import { VerifiedTogether } from "./verified-together.ts";
import { BATCH_TAG, Worker } from "./worker.ts";

/** For a committee on one machine or in one data centre. */
export const DEFAULT_TIMING: ConsensusTiming = {
  minHeaderDelayMs: 150,
  maxHeaderDelayMs: 800,
  maxBatchDelayMs: 100,
  batchBytes: 262_144,
  gcDepth: 50,
};

/** @throws ERR_SELF_NOT_MEMBER */
export function createEpochConsensus(options: EpochConsensusOptions): EpochConsensus {
  return new NarwhalEpoch(options);
}

class NarwhalEpoch implements EpochConsensus {
  readonly epoch: number;
  #options: EpochConsensusOptions;
  #deps: EpochDeps;
  #rules: EpochRules;
  #abort = new AbortController();
  #tasks: Tasks;
  #batches: BatchStore;
  #worker: Worker;
  #fetcher: BatchFetcher;
  #pending: PendingBatches;
  #committer: Committer;
  #messages: ChannelMux;
  #incoming: Incoming;
  #watch: OwnKeyWatch | undefined;
  #parts: Running | undefined;
  /** own batches that became available while we listened */
  #early: BatchRef[] = [];
  #release: (() => void)[] = [];
  #alarm: Alarm;
  #stopping: Promise<void> | undefined;

  constructor(options: EpochConsensusOptions) {
    const { context, committee, self, seed, network, store, clock, timing } = options;
    const view = new CommitteeView(context.networkId, committee, seed);
    if (!view.has(self))
      throw narwhalError("ERR_SELF_NOT_MEMBER", "not a member of this committee", { self });
    this.epoch = committee.epoch;
    this.#options = options;
    const verifier = new VerifiedTogether(options.verifier);
    this.#rules = epochRules(context.networkId, view, seed, options.opening, verifier);
    this.#deps = {
      epoch: this.epoch,
      committee: view,
      self,
      timing,
      store,
      clock,
      rejections: new Rejections(options.metrics, options.logger),
      signal: this.#abort.signal,
      fatal: (error) => this.#fatal(error),
    };
    this.#incoming = this.#incomingOf(verifier);
    const batchMux = channelMux(network, "batch");
    const onStored = () => this.#tick();
    this.#watch = options.guard && new OwnKeyWatch(this.#rules, self, options.guard);
    this.#messages = createMessageMux(network);
    this.#alarm = new Alarm(clock, () => this.#tick());
    this.#tasks = new Tasks((error) => this.#fatal(error));
    this.#batches = new BatchStore(store, this.epoch);
    this.#fetcher = new BatchFetcher(this.#deps, batchMux, this.#batches, onStored);
    this.#pending = new PendingBatches(this.#fetcher, this.#batches, this.#tasks);
    this.#worker = new Worker(this.#deps, batchMux, this.#batches, this.#tasks, {
      onAvailable: (ref) => this.#available(ref),
      onStored,
    });
    const onOrdered = (batches: Batch[], closed: boolean) => this.#ordered(batches, closed);
    this.#committer = new Committer(this.#deps, this.#batches, this.#fetcher, options.onCommit, onOrdered);
  }

  async start(): Promise<void> {
    const { store, timing } = this.#options;
    await pruneEpoch(store, this.epoch);
    const recovered = await recover(store, this.epoch, timing.gcDepth);
    // before anything can be ordered: the block that orders a batch deletes what is recovered here
    const own = await this.#batches.recoverOwn();
    await this.#batches.recoverPeers();
    if (this.#abort.signal.aborted) return;
    for (const certificate of recovered.certificates) this.#watch?.certificate(certificate, true);
    const { guard } = this.#options;
    this.#listen();
    if (!guard || guard.cleared) return this.#begin(recovered, own);
    this.#tasks.run(async () => {
      if (!(await this.#hear(guard, recovered))) return;
      guard.clear();
      await this.#begin(recovered, own);
    });
  }

  /** Takes part; from here on something may be signed. */
  async #begin(recovered: Recovered, own: BatchRef[]): Promise<void> {
    this.#parts = this.#run(recovered);
    this.#parts.pump.push(this.#parts.primary.start(this.#moment()));
    for (const ref of this.#early.splice(0)) this.#available(ref);
    await this.#worker.start(own);
    this.#schedule();
  }

  #hear(guard: SigningGuard, { cursor }: Recovered): Promise<boolean> {
    const { network, timing } = this.#options;
    const after = Math.max(0, cursor.lastCommittedRound - timing.gcDepth);
    const inspect = (certificate: Certificate) => this.#watch?.certificate(certificate, false);
    return new Listening(this.#deps, network, createSyncMux(network), after, inspect).run(guard);
  }

  #available(ref: BatchRef): void {
    if (this.#parts) this.#apply((primary, now) => primary.ownBatch(ref, now));
    else this.#early.push(ref);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** @throws ERR_POOL_FULL, ERR_TX_TOO_LARGE, ERR_TX_TOO_SMALL, ERR_CONSENSUS_STOPPED */
  submit(transactions: Uint8Array[]): Promise<void> {
    return this.#worker.submit(transactions);
  }

  async pending(): Promise<Uint8Array[]> {
    const transactions: Uint8Array[] = [];
    for (const ref of await new BatchStore(this.#options.store, this.epoch).recoverOwn()) {
      const batch = await this.#batches.load(ref);
      if (batch) transactions.push(...batch.transactions);
    }
    return transactions;
  }

  status(): { round: number; lastCommittedRound: number; certificates: number; batches: number } {
    const primary = this.#parts?.primary;
    return {
      round: primary?.round ?? 0,
      lastCommittedRound: primary?.lastCommittedRound ?? 0,
      certificates: primary?.dag.size ?? 0,
      batches: this.#batches.uncommitted,
    };
  }

  #run(recovered: Recovered): Running {
    const { self, signer, timing, store } = this.#options;
    const primary = new Primary({
      rules: this.#rules,
      self,
      signer,
      timing,
      sources: this.#options,
      hasBatch: (ref) => this.#batches.has(ref),
      recovered,
    });
    const pump = new EffectPump(
      store,
      (effect) => this.#perform(effect),
      (error) => this.#fatal(error),
    );
    const deliver = (from: number, certificate: Certificate) => {
      if (this.#isKnown({ type: "certificate", certificate }))
        this.#apply((machine, now) => machine.certificate(from, certificate, now));
      return this.#room();
    };
    const certificates = new CertificateFetcher(
      this.#deps,
      createSyncMux(this.#options.network),
      this.#tasks,
      primary,
      deliver,
    );
    return { primary, pump, certificates };
  }

  #listen(): void {
    const { network } = this.#options;
    const onMessage = (from: number, tag: number, bytes: Uint8Array) =>
      this.#incoming.receive(from, tag, bytes);
    const onBatch = (from: number, tag: number, bytes: Uint8Array) =>
      tag === BATCH_TAG.store ? this.#worker.store(from, bytes) : this.#fetcher.serve(from, bytes);
    const onCertificates = (from: number, _: number, bytes: Uint8Array) =>
      serveCertificates(this.#deps, from, bytes);
    this.#release.push(
      this.#messages.on(0x00, 0x3f, { onMessage }),
      channelMux(network, "batch").on(0x00, 0xff, { onRequest: async (...args) => onBatch(...args) }),
      createSyncMux(network).on(CERTIFICATES_TAG, 0xff, {
        onRequest: async (...args) => onCertificates(...args),
      }),
      this.#messages.onConnect((peer) => this.#apply((primary, now) => primary.connected(peer, now))),
    );
  }

  #incomingOf(verifier: VerifiedTogether): Incoming {
    return new Incoming(this.#deps, verifier, {
      isKnown: (message) => this.#isKnown(message),
      unchecked: (from, message) => this.#parts?.primary.unchecked(from, message) ?? [],
      apply: (from, message) =>
        this.#apply((primary, now) => {
          switch (message.type) {
            case "header":
              return primary.header(from, message.signed, now);
            case "vote":
              return primary.vote(from, message.vote, now);
            case "certificate":
              return primary.certificate(from, message.certificate, now);
          }
        }),
      room: () => this.#room(),
    });
  }

  /** While the disk or the execution lags, peers wait with what they have to say. */
  #room(): Promise<void> | undefined {
    return this.#parts?.pump.room.wait() ?? this.#committer.room.wait();
  }

  /**
   * False, and the end, when our own key signed in it what we did not.
   * @throws what the peer is to blame for
   */
  #isKnown(message: PeerMessage): boolean {
    try {
      this.#watch?.inspect(message);
      return true;
    } catch (error) {
      if (isFlkError(error) && error.code !== "ERR_DOPPELGANGER") throw error;
      this.#fatal(error);
      return false;
    }
  }

  /** One event of the state machine. Refusals are thrown; anything else that fails is fatal. */
  #apply(event: (primary: Primary, now: Moment) => Effect[]): void {
    if (!this.#parts || this.#abort.signal.aborted) return;
    const { primary, pump } = this.#parts;
    try {
      pump.push(event(primary, this.#moment()));
    } catch (error) {
      if (!isFlkError(error)) this.#fatal(error);
      throw error;
    } finally {
      this.#pending.prune((author) => primary.pendingHeader(author));
      this.#schedule();
    }
  }

  #moment(): Moment {
    const { clock } = this.#options;
    return { elapsed: Math.floor(clock.elapsed()), unix: clock.now() };
  }

  #tick(): void {
    this.#apply((primary, now) => primary.tick(now));
  }

  #schedule(): void {
    if (!this.#parts || this.#abort.signal.aborted) this.#alarm.cancel();
    else this.#alarm.set(this.#parts.primary.deadline());
  }

  #perform(effect: Exclude<Effect, { type: "persist" }>): void {
    switch (effect.type) {
      case "send":
        for (const to of effect.to) this.#messages.send(to, effect.message.tag, effect.message.bytes);
        return;
      case "commit":
        this.#committer.push(effect.subDag, effect.reported);
        return;
      case "accepted": {
        const { author, payload, attestations } = effect.vertex.certificate.header.header;
        this.#getBatches(author, payload);
        if (attestations.length > 0) this.#options.onAttestations(attestations);
        return;
      }
      case "needBatches":
        // it may have left the inbox while writes before this went to disk
        if (this.#parts?.primary.pendingHeader(effect.from) === effect.header)
          this.#pending.want(effect.from, effect.header, effect.refs);
        return;
      case "needCertificates":
        this.#parts?.certificates.want(effect.from);
        return;
      case "refused":
        this.#deps.rejections.count(effect.code, effect.from);
    }
  }

  #getBatches(from: number, refs: readonly BatchRef[]): void {
    for (const ref of refs) {
      if (this.#batches.has(ref)) continue;
      this.#tasks.run(async () => {
        await this.#fetcher.get(ref, from);
      });
    }
  }

  #ordered(batches: Batch[], closed: boolean): void {
    const { metrics } = this.#options;
    const primary = this.#parts?.primary;
    this.#worker.ordered(batches);
    if (closed) {
      primary?.close();
      this.#tasks.run(() => this.#worker.stop());
    }
    metrics.counter("flk_consensus_commits_total", "Sub-DAGs that were committed and executed").inc();
    metrics.counter("flk_consensus_batches_total", "Batches that were ordered").inc(batches.length);
    metrics.gauge("flk_consensus_round", "Round of the newest own header").set(primary?.round ?? 0);
    metrics
      .gauge("flk_consensus_backlog", "Committed sub-DAGs that wait to be executed")
      .set(this.#committer.backlog);
  }

  #fatal(error: unknown): void {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    void this.#parts?.pump.halt();
    this.#options.logger.error("consensus stopped", { epoch: this.epoch, code: errorCode(error) });
    this.#options.onFatal(error);
  }

  async #stop(): Promise<void> {
    for (const release of this.#release.splice(0)) release();
    this.#alarm.cancel();
    const sealed = this.#worker.stop();
    this.#abort.abort();
    const halted = this.#parts?.pump.halt();
    await sealed;
    await halted;
    await this.#committer.idle();
    await this.#tasks.idle();
  }
}

interface Running {
  primary: Primary;
  pump: EffectPump;
  certificates: CertificateFetcher;
}
