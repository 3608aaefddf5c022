import type { HeadView } from "#node/interface/chain-view.ts";
import type { CommittedSubDag, EpochConsensus } from "#node/interface/consensus.ts";
import type { Logger } from "#node/interface/logger.ts";
import { epochLength } from "#node/transition/parameters.ts";
import { errorCode, isFlkError } from "#protocol/errors/error.ts";
import { sszRoot } from "#protocol/ssz/root.ts";
import { Block } from "#protocol/types/block.ts";
import type { Committee } from "#protocol/types/committee.ts";
import type { CommitCertificate } from "#protocol/types/consensus.ts";
import type { SettlementCertificate } from "#protocol/types/settlement.ts";
import { assertValidCommitCertificate, attestationData, sameAttestation } from "./attestation/certificate.ts";
import { CertifiedChain } from "./attestation/certified-chain.ts";
import { AttestationCollector } from "./attestation/collector.ts";
import { OwnAttestations } from "./attestation/own-attestations.ts";
import { ConsensusRunner, type WantedEpoch } from "./consensus-runner.ts";
import { peerRecords } from "./endpoints.ts";
import { chainError } from "./errors.ts";
import { BlockStore } from "./import/block-store.ts";
import { type ExecutedBlock, Importer } from "./import/importer.ts";
import type { ChainOptions } from "./options.ts";
import { Pool } from "./pool/pool.ts";
import { Doppelganger } from "./protection/doppelganger.ts";
import { bindProtection } from "./protection/identity.ts";
import { OwnShares } from "./protection/own-shares.ts";
import type { ClosedRecord } from "./settlement/closed-record.ts";
import { SettlementPoster } from "./settlement/poster.ts";
import { SettlementStore } from "./settlement/settlement-store.ts";
import { Settler } from "./settlement/settler.ts";
import { recordedShare } from "./settlement/share.ts";
import { nextCheckpoints } from "./support/checkpoints.ts";
import { tellAll } from "./support/handlers.ts";
import { measureChain } from "./support/measure.ts";
import { Rejections } from "./support/reporter.ts";
import type { Head } from "./sync/wire.ts";
import { headView } from "./view.ts";
import { wantedEpoch } from "./wanted-epoch.ts";

/** L2 events that change whom to connect to. */
const NODE_EVENTS: ReadonlySet<string> = new Set(["nodeRegistered", "endpointsSet", "stakeChanged"]);

/** What the core tells the side that talks to peers. */
export interface CoreEvents {
  /** our certified height rose, or an epoch got its settlement certificate */
  advanced(): void;
  /** something waits to be sent to peers: shares, transactions */
  wake(): void;
}

/** Executes, attests, closes and settles: the chain without its peers. Each rule is in its part; this joins them. */
export class ChainCore {
  readonly options: ChainOptions;
  readonly logger: Logger;
  readonly rejections: Rejections;
  readonly blocks: BlockStore;
  readonly settlements: SettlementStore;
  readonly importer: Importer;
  readonly collector: AttestationCollector;
  readonly certified: CertifiedChain;
  readonly settler: Settler;
  readonly runner: ConsensusRunner;
  readonly pool: Pool;
  readonly epochHandlers: Set<(closedEpoch: number) => void> = new Set();
  readonly #abort = new AbortController();
  readonly #poster: SettlementPoster | undefined;
  readonly #guard: Doppelganger;
  readonly #ownShares: OwnShares;
  readonly #attestations: OwnAttestations;
  #events: CoreEvents = { advanced: () => undefined, wake: () => undefined };
  #head: HeadView | undefined;
  /** epochs that have a settlement certificate */
  #settled = 0;
  /** Unix ms of the last executed block */
  #progressAt = 0;
  #stopped = false;
  #failed = false;

  constructor(options: ChainOptions) {
    this.logger = options.logger.child({ part: "chain" });
    const { context, self, clock, doppelganger } = options;
    this.#guard = new Doppelganger(options.store, clock, this.logger, doppelganger);
    const { store } = this.#guard;
    this.options = { ...options, store };
    this.rejections = new Rejections(options.metrics, this.logger);
    this.blocks = new BlockStore(store);
    this.settlements = new SettlementStore(store);
    const isMember = (committee: Committee) => this.importer.isMember(committee);
    this.#ownShares = new OwnShares(this.#guard, context.networkId, self, isMember);
    this.importer = this.#makeImporter();
    this.collector = this.#makeCollector();
    const { blocks, logger } = this;
    const advanced = (height: number) => this.#certifiedUpTo(height);
    this.certified = new CertifiedChain({ store, blocks, logger, advanced });
    this.#attestations = this.#makeAttestations();
    this.settler = this.#makeSettler();
    this.#poster = this.#makePoster();
    this.runner = this.#makeRunner();
    this.pool = this.#makePool();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get progressAt(): number {
    return this.#progressAt;
  }

  /** Of the last block that is on disk. @throws ERR_NOT_STARTED */
  head(): HeadView {
    if (!this.#head) throw chainError("ERR_NOT_STARTED", "the chain has not started", {});
    return this.#head;
  }

  /** What peers can get from us. */
  peerHead(): Head {
    return { certified: this.certified.height + 1, settled: this.#settled };
  }

  /** Goes on where the last atomic batch left the database (DESIGN §6). */
  async start(events: CoreEvents): Promise<void> {
    this.#events = events;
    const { store, context, signers } = this.options;
    const consensusKeys = signers.map(({ publicKey }) => publicKey);
    const identity = { networkId: context.networkId, consensusKeys };
    await bindProtection(store, identity, await this.importer.ran());
    await this.#guard.load({
      cleared: () => this.run(this.#signLate()),
      lapsed: () => this.run(this.runner.restart()),
    });
    await this.importer.load();
    const { state } = this.importer;
    this.#guard.assertFits(epochLength(state));
    this.#head = headView(state);
    this.#progressAt = this.options.clock.elapsed();
    await this.certified.load(state.height);
    this.#measure();
    this.#setPeers();
    await this.pool.load();
    await this.#attestations.resume();
    await this.#resumeSettlement();
    await this.#signLate();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#abort.abort();
    this.#guard.stop();
    await this.runner.stop();
    await this.#poster?.stop();
    await this.importer.idle();
    await this.certified.idle();
  }

  /** Ends the node once, and its signing at once; trouble that comes from stopping is none. */
  fatal(error: unknown): void {
    if (this.#stopped || this.#failed) return;
    this.#failed = true;
    const reason = error instanceof Error ? error.message : String(error);
    const data = isFlkError(error) ? error.data : {};
    this.logger.error("the chain cannot go on", { ...data, code: errorCode(error), reason });
    // before anybody is told: whoever is at work must not sign any more
    this.#guard.halt();
    this.run(this.runner.stop());
    this.options.onFatal(error);
  }

  /** Lets `task` run on its own; what it throws is fatal. */
  run(task: Promise<unknown>): void {
    task.catch((error: unknown) => this.fatal(error));
  }

  /**
   * A commit certificate that a peer sent for an executed block.
   * @throws ERR_CERTIFICATE_* (the peer's fault), ERR_STATE_DIVERGED
   */
  async importCertificate(height: number, certificate: CommitCertificate): Promise<void> {
    const block = await this.blocks.executed(height);
    const data = attestationData(block, sszRoot(Block, block));
    if (data.epoch !== certificate.data.epoch || data.index !== certificate.data.index) {
      throw chainError("ERR_CERTIFICATE_MISMATCH", "the certificate is of another block", { height });
    }
    const { context, verifier } = this.options;
    const committee = await this.#committeeOf(data.epoch);
    assertValidCommitCertificate(context.networkId, verifier, committee, certificate);
    this.#ownShares.attestation(committee, certificate);
    if (!sameAttestation(data, certificate.data)) {
      throw chainError("ERR_STATE_DIVERGED", "2f+1 certified another result of a block than ours", {
        height,
      });
    }
    this.collector.done(data);
    await this.certified.add(height, certificate, false);
  }

  /** Every block up to `height` has its certificate here: after the closing block the next epoch may begin. */
  #certifiedUpTo(height: number): void {
    this.#events.advanced();
    if (height === this.importer.state.height) this.run(this.runner.reconcile());
  }

  async #committeeOf(epoch: number): Promise<Committee> {
    const { state, latestCommittee } = this.importer;
    if (epoch === state.epoch) return state.committee();
    if (epoch === latestCommittee?.epoch) return latestCommittee;
    const closed = await this.settlements.closed(epoch);
    if (!closed) throw chainError("ERR_RECORD_MISSING", "a closed epoch is not in the database", { epoch });
    return closed.committee;
  }

  async #executed(executed: ExecutedBlock): Promise<void> {
    const { height, block, data, committee, own, certificate, closed } = executed;
    const { state } = this.importer;
    this.#head = headView(state);
    this.#progressAt = this.options.clock.elapsed();
    this.pool.executed(block);
    this.certified.executed(height, block);
    if (certificate) {
      this.collector.skipped(data);
      this.run(this.certified.add(height, certificate, true));
    } else {
      if (own) this.#attestations.add(own);
      this.collector.executed(height, committee, data, own);
    }
    if (executed.events.some(({ type }) => NODE_EVENTS.has(type))) this.#setPeers();
    this.#measure(block.receipts.length);
    if (!closed) {
      if (block.input.index === 0) this.run(this.runner.reconcile());
      return;
    }
    const { epoch } = closed.record.settlement;
    this.logger.info("epoch closed", { epoch, height, next: closed.record.nextCommittee.members.length });
    this.#attestations.drop();
    this.collector.prune(state.epoch);
    await this.settler.closed(closed.record, closed.share);
    // the listening may have ended while the closing block was on its way to the disk
    if (!closed.share) await this.#shareLate();
    this.#events.wake();
    this.run(this.runner.reconcile());
    tellAll(this.epochHandlers, epoch, this.logger);
  }

  #settle(certificate: SettlementCertificate, record: ClosedRecord): void {
    const { epoch } = record.settlement;
    this.#settled = epoch + 1;
    this.#progressAt = this.options.clock.elapsed();
    this.logger.info("epoch settled", { epoch, signers: certificate.signers.getTrueBitIndexes().length });
    this.#poster?.settled(record);
    this.#events.advanced();
    this.run(this.runner.reconcile());
  }

  async #commit({ input, cursor }: CommittedSubDag): Promise<{ closed: boolean }> {
    try {
      return await this.importer.commit(input, cursor);
    } catch (error) {
      this.fatal(error);
      throw error;
    }
  }

  async #resumeSettlement(): Promise<void> {
    const epoch = this.importer.state.epoch - 1;
    this.#settled = epoch;
    if (epoch < 0) {
      this.#settled = 0;
      return;
    }
    const record = await this.settlements.closed(epoch);
    if (!record) throw chainError("ERR_RECORD_MISSING", "a closed epoch is not in the database", { epoch });
    if (await this.settlements.certificateBytes(epoch)) {
      this.#settled = epoch + 1;
      this.#poster?.settled(record);
    } else {
      await this.settler.closed(record, await recordedShare(this.options.store, epoch));
    }
  }

  /** What was left unsigned while we listened for our own key. */
  async #signLate(): Promise<void> {
    if (!this.#guard.cleared) return;
    await this.#attestations.signLate();
    await this.#shareLate();
  }

  /** Our share of an epoch that closed meanwhile. */
  async #shareLate(): Promise<void> {
    const waiting = this.settler.waiting();
    if (!waiting || waiting.own || !this.#guard.cleared) return;
    const share = await this.importer.signClosed(waiting.record);
    const now = this.settler.waiting();
    if (share && now?.epoch === waiting.epoch && !now.own) await this.settler.closed(waiting.record, share);
    this.#events.wake();
  }

  #createConsensus({ epoch, committee, opening, seed }: WantedEpoch): EpochConsensus {
    const signer = this.importer.signer(committee);
    if (!signer) throw chainError("ERR_RECORD_MISSING", "we hold no seat in this epoch", { epoch });
    return this.options.createConsensus({
      ...this.options,
      ...{ committee, signer, opening, seed, guard: this.#guard },
      nextCheckpoints: (reportedUpTo) => nextCheckpoints(this.importer.state, this.options.l2, reportedUpTo),
      takeAttestations: () => (this.importer.state.epoch === epoch ? this.#attestations.take() : []),
      onAttestations: (attestations) => {
        for (const attestation of attestations) this.collector.add(attestation, committee);
      },
      onCommit: (subDag) => this.#commit(subDag),
      onFatal: (error) => this.fatal(error),
    });
  }

  #setPeers(): void {
    const { network, self } = this.options;
    network.setPeers(peerRecords(this.importer.state.nodes(), self));
  }

  #measure(transactions = 0): void {
    const { importer, options } = this;
    const isMember = importer.isMember(importer.state.committee());
    measureChain(options.metrics, this.head(), isMember, transactions);
  }

  #makeImporter(): Importer {
    const { context, self, signers, verifier, signatures, store, l2 } = this.options;
    const { blocks, settlements, signal } = this;
    return new Importer({
      ...{ context, self, signers, verifier, signatures, store, blocks, settlements, l2, signal },
      blockWrites: (block) => this.pool.committedWrites(block),
      executed: (executed) => this.#executed(executed),
      guard: this.#guard,
      ownShares: this.#ownShares,
    });
  }

  #makeAttestations(): OwnAttestations {
    const { blocks, importer, collector, certified } = this;
    const committeeOf = (epoch: number) => this.#committeeOf(epoch);
    return new OwnAttestations({
      ...{ blocks, importer, collector, certified, committeeOf },
      store: this.options.store,
    });
  }

  #makeCollector(): AttestationCollector {
    const { context, verifier, clock } = this.options;
    return new AttestationCollector({
      ...{ networkId: context.networkId, verifier },
      elapsed: () => clock.elapsed(),
      rejected: (reason, node) => this.rejections.count(reason, node),
      certified: (height, certificate) => this.run(this.certified.add(height, certificate, false)),
      diverged: (error) => this.fatal(error),
    });
  }

  #makeSettler(): Settler {
    const { context, verifier } = this.options;
    return new Settler({
      ...{ networkId: context.networkId, verifier },
      rejected: (reason, node) => this.rejections.count(reason, node),
      heard: (certificate) => this.#ownShares.settlement(certificate),
      persist: (certificate) => this.settlements.putCertificate(certificate),
      settled: (certificate, record) => this.#settle(certificate, record),
    });
  }

  #makePoster(): SettlementPoster | undefined {
    const { poster, context, self, clock, metrics, posterStepMs: stepMs } = this.options;
    if (!poster) return undefined;
    const { logger, settlements: store } = this;
    return new SettlementPoster({
      networkId: context.networkId,
      ...{ self, poster, store, clock, logger, metrics, stepMs },
    });
  }

  #makeRunner(): ConsensusRunner {
    const { importer, certified, settlements, settler, logger } = this;
    const chain = { importer, certified, settlements, settler, store: this.options.store, logger };
    return new ConsensusRunner({
      logger,
      wanted: () => wantedEpoch(chain),
      create: (wanted) => this.#createConsensus(wanted),
      changed: async (consensus) => {
        await this.pool.attach(consensus);
        this.#events.wake();
      },
    });
  }

  #makePool(): Pool {
    const { self, store, signatures } = this.options;
    return new Pool({
      ...{ self, store, signatures, logger: this.logger },
      state: () => this.importer.state,
      committed: (txId) => this.blocks.receipt(txId),
      wake: () => this.#events.wake(),
    });
  }
}
