import { type Ed25519Signer, secureRandom } from "#crypto";
import type { ChainView, TransactionPool } from "#node/interface/chain-view.ts";
import type { Clock } from "#node/interface/clock.ts";
import type { SignatureVerifier } from "#node/interface/crypto.ts";
import type { ConflictQuery, EvidenceSource } from "#node/interface/evidence.ts";
import type { Logger } from "#node/interface/logger.ts";
import type { Metrics } from "#node/interface/metrics.ts";
import type { Startable } from "#node/interface/startable.ts";
import type { Store } from "#node/interface/store.ts";
import { signatureVerifier } from "#node/transition/block/signatures.ts";
import { laneId, laneKeyOf } from "#protocol/digests/ids.ts";
import type { NetworkContext } from "#protocol/digests/network.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { creditSteps } from "#protocol/params/credit.ts";
import { LATE_ACK_MS } from "#protocol/params/limits.ts";
import {
  type AckConflict,
  COMMODITY,
  type LaneKey,
  type SignedAck,
  type SignedReserve,
} from "#protocol/types/ack.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import { Conflicts } from "./conflicts.ts";
import { Credit, type Transfer } from "./credit.ts";
import { assertAuthorised, assertPriced, assertServable, type Cover, coverOf, spareOf } from "./funds.ts";
import { HeldCredits } from "./held-credits.ts";
import { LaneBook } from "./lane-book.ts";
import { assertDelegatedLane, assertLaneAllowed, type LaneLimits } from "./lane-limits.ts";
import { laneWrites, loadLanes, markBoot, prune, renewMarks } from "./lane-records.ts";
import { KeyedMutex } from "./mutex.ts";
import { Reservations } from "./reservations.ts";
import { Sequences } from "./sequences.ts";
import { type Session, type SessionLimits, SessionTable } from "./sessions.ts";
import type { CreditStatus, DeliveryStatus } from "./status.ts";
import { assertFewUncovered } from "./subkeys.ts";
import { DEFAULT_SUBMISSION, type SubmissionTiming, Submitter } from "./submission.ts";
import type { ClaimedDelivery, LaneRequest } from "./types.ts";
import { type AckContext, verifyAck } from "./verify-ack.ts";

export interface DeliveryOptions extends LaneLimits {
  context: NetworkContext;
  /** nodeId */
  self: number;
  /** network key: signs the SubmitAcks transactions */
  signer: Ed25519Signer;
  chain: ChainView;
  pool: TransactionPool;
  /** all are checked with the curves when absent */
  signatures?: SignatureVerifier;
  store: Store;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** micro-USD per 10^9 units by commodity, below which nothing is served; 0 when absent */
  minPrices?: readonly bigint[];
  /** a transfer ends after so many ms without an acknowledgement beyond the credit window */
  creditTimeoutMs?: number;
  sessions?: Partial<SessionLimits>;
  submission?: Partial<SubmissionTiming>;
}

const DEFAULTS = {
  creditTimeoutMs: 10_000,
  sessions: { maxSessions: 8_192, idleMs: 300_000 } satisfies SessionLimits,
};

/** Serving against acknowledgements: sessions, credit, lanes and their way to the chain (docs/spec/delivery.md). */
export interface Delivery extends Startable, EvidenceSource {
  /** ms without a request after which a session is dropped */
  readonly idleMs: number;
  /** For a client that proved the session key. @throws the codes of assertServable, ERR_PRICE_TOO_LOW, ERR_TOO_MANY_SESSIONS */
  open(request: LaneRequest): Promise<Session>;
  /** @throws ERR_SESSION_UNKNOWN */
  session(id: Uint8Array): Session;
  /** Newest acknowledgements of the session's lane: of the current epoch and of the one before. */
  newest(request: LaneRequest): SignedAck[];
  /** @throws the codes of assertServable, ERR_PRICE_TOO_LOW, ERR_TOO_MANY_SUBKEYS, ERR_TOO_MANY_LANES, ERR_TOO_MANY_TRANSFERS, ERR_CREDIT_EXHAUSTED */
  begin(session: Session, contentHash: Uint8Array, offset: bigint): Transfer;
  /**
   * Units, at most `max`, that may be served now; they count as sent.
   * @throws ERR_CREDIT_TIMEOUT, ERR_RESERVATION_REQUIRED, ERR_TRANSFER_ABORTED, the codes of assertAuthorised
   */
  reserve(session: Session, transfer: Transfer, max: number, signal: AbortSignal): Promise<number>;
  /** Units that were reserved and will not be served. */
  giveBack(session: Session, transfer: Transfer, units: number): void;
  end(session: Session, transfer: Transfer, failure?: unknown): void;
  /** Durable when resolved. @throws ERR_ACK_… */
  acknowledge(session: Session, signed: SignedAck, entries: readonly ClaimedDelivery[]): Promise<void>;
  /** Resolves when the chain has locked it. @throws the codes of Reservations.lock */
  lock(session: Session, signed: SignedReserve): Promise<void>;
  /** Units that may be unacknowledged, and what is reserved. */
  credit(session: Session): CreditStatus;
  status(): DeliveryStatus;
  /** Hands in what waits, now. */
  flush(): Promise<void>;
}

class DeliveryService implements Delivery {
  readonly idleMs: number;
  readonly #o: DeliveryOptions;
  readonly #boot = secureRandom(32);
  readonly #lanes = new LaneBook();
  readonly #sessions: SessionTable;
  readonly #credits = new HeldCredits((request) => this.#makeCredit(request));
  readonly #conflicts: Conflicts;
  readonly #submitter: Submitter;
  readonly #reservations: Reservations;
  readonly #accounts = new KeyedMutex();
  #nextTransfer = new DataView(secureRandom(4).buffer).getUint32(0);
  #lateUntil = 0;
  #unsubscribe: (() => void)[] = [];
  #background: Promise<void> = Promise.resolve();
  #served = 0n;
  #acks = { accepted: 0, refused: 0 };

  constructor(options: DeliveryOptions) {
    this.#o = options;
    const limits = { ...DEFAULTS.sessions, ...options.sessions };
    this.idleMs = limits.idleMs;
    this.#sessions = new SessionTable(options.clock, limits);
    const { context, self, signer, chain, pool, clock, logger, metrics } = options;
    const timing = { ...DEFAULT_SUBMISSION, ...options.submission };
    this.#conflicts = new Conflicts(options.store);
    const sequences = new Sequences(chain, self);
    this.#submitter = new Submitter({
      context,
      self,
      signer,
      chain,
      pool,
      sequences,
      lanes: this.#lanes,
      clock,
      logger,
      metrics,
      timing,
    });
    this.#reservations = new Reservations({
      ...{ context, self, signer, chain, pool, sequences, clock, metrics },
      signatures: options.signatures ?? signatureVerifier,
    });
  }

  async start(): Promise<void> {
    await this.#conflicts.load();
    const { epoch } = this.#o.chain.head();
    for (const { id, ...lane } of await loadLanes(this.#o.store)) {
      if (lane.signed.ack.epoch >= epoch - 1) this.#lanes.put(id, lane);
    }
    const closed = epoch > 0 ? await this.#o.chain.report(epoch - 1) : undefined;
    if (closed) this.#lateUntil = closed.closeTime + LATE_ACK_MS;
    this.#unsubscribe = [
      this.#o.chain.onEpoch(() => this.#turn()),
      this.#o.chain.onBlock(() => {
        for (const { credit } of this.#sessions.all()) credit.recheck();
      }),
    ];
    this.#submitter.start();
  }

  async stop(): Promise<void> {
    for (const end of this.#unsubscribe.splice(0)) end();
    await this.#submitter.stop();
    await this.#background;
  }

  async open(request: LaneRequest): Promise<Session> {
    this.#assertServable(request);
    this.#sessions.makeRoom(request);
    const credit = await this.#credits.open(request, this.#o.chain.head().epoch);
    const session = this.#sessions.open(request, credit);
    this.#o.metrics.gauge("flk_delivery_sessions", "Open sessions").set(this.#sessions.size);
    return session;
  }

  session(id: Uint8Array): Session {
    return this.#sessions.get(id);
  }

  newest(request: LaneRequest): SignedAck[] {
    const { epoch } = this.#o.chain.head();
    return [epoch, epoch - 1].flatMap((e) => {
      const lane = e < 0 ? undefined : this.#lanes.get(bytesKey(laneId(this.#laneKey(request, e))));
      return lane ? [lane.signed] : [];
    });
  }

  begin(session: Session, contentHash: Uint8Array, offset: bigint): Transfer {
    const { request } = session;
    this.#assertServable(request);
    if (request.delegation && this.#spare(request) <= 0n) {
      assertFewUncovered(this.#credits.all(), session, this.#idleSince(), (other) => this.#spare(other));
    }
    const { epoch } = this.#o.chain.head();
    if (!this.#lanes.get(bytesKey(laneId(this.#laneKey(request, epoch)))))
      assertDelegatedLane(this.#lanes, request, epoch, this.#o);
    this.#nextTransfer = (this.#nextTransfer + 1) >>> 0;
    return session.credit.begin(this.#nextTransfer, request, contentHash, offset);
  }

  async reserve(session: Session, transfer: Transfer, max: number, signal: AbortSignal): Promise<number> {
    const timeoutMs = this.#o.creditTimeoutMs ?? DEFAULTS.creditTimeoutMs;
    const granted = await session.credit.reserve(transfer, max, timeoutMs, signal);
    try {
      assertAuthorised(this.#o.chain, session.request);
    } catch (error) {
      session.credit.giveBack(transfer, granted);
      throw error;
    }
    session.usedAt = this.#o.clock.elapsed();
    this.#countServed(session, granted);
    return granted;
  }

  giveBack(session: Session, transfer: Transfer, units: number): void {
    session.credit.giveBack(transfer, units);
    if (session.request.commodity === COMMODITY.bandwidth) this.#served -= BigInt(units);
  }

  #countServed({ request }: Session, units: number): void {
    const { metrics } = this.#o;
    if (request.commodity === COMMODITY.bandwidth) {
      this.#served += BigInt(units);
      metrics.counter("flk_delivery_bytes_total", "Bytes sent to clients").inc(units);
    } else metrics.counter("flk_delivery_ms_total", "ms of compute granted to clients").inc(units);
  }

  end(session: Session, transfer: Transfer, failure?: unknown): void {
    session.credit.end(transfer);
    if (failure === undefined) return;
    const code = errorCode(failure);
    const message =
      failure instanceof Error && code !== "ERR_INTERNAL" ? failure.message : "the transfer failed";
    session.ended = { transfer: transfer.id, code, message };
    this.#o.metrics.counter("flk_delivery_ended_total", "Transfers that ended early", { code }).inc();
  }

  async acknowledge(session: Session, signed: SignedAck, entries: readonly ClaimedDelivery[]): Promise<void> {
    await this.#accounts.run(bytesKey(signed.ack.account), async () => {
      try {
        await this.#accept(session, signed, entries);
        this.#acks.accepted += 1;
        this.#o.metrics.counter("flk_delivery_acks_total", "Acknowledgements accepted").inc();
      } catch (error) {
        this.#acks.refused += 1;
        const code = errorCode(error);
        this.#o.metrics
          .counter("flk_delivery_acks_refused_total", "Acknowledgements refused", { code })
          .inc();
        throw error;
      }
    });
  }

  async lock(session: Session, signed: SignedReserve): Promise<void> {
    await this.#reservations.lock(session.request, signed);
    session.credit.recheck();
  }

  credit({ request, credit }: Session): CreditStatus {
    const { chain, self } = this.#o;
    const { epoch } = chain.head();
    const tab = { epoch, account: request.account, session: request.key, node: self };
    const spare = this.#spare(request);
    const reserved = chain.reservation(tab)?.amount ?? 0n;
    return { epoch, window: credit.window(request), reserved, spare };
  }

  status(): DeliveryStatus {
    let transfers = 0;
    const seen = new Set<Credit>();
    for (const { credit } of this.#sessions.all()) seen.add(credit);
    for (const credit of seen) transfers += credit.activeTransfers;
    return {
      sessions: this.#sessions.size,
      transfers,
      bytesServed: this.#served,
      acks: { ...this.#acks },
      revenue: this.#submitter.status(),
    };
  }

  conflicts(query?: ConflictQuery): Promise<AckConflict[]> {
    return this.#conflicts.list(query);
  }

  flush(): Promise<void> {
    return this.#submitter.flush();
  }

  async #accept(session: Session, signed: SignedAck, entries: readonly ClaimedDelivery[]): Promise<void> {
    const { request, credit } = session;
    const id = laneId(laneKeyOf(signed.ack));
    const accepted = await this.#verify(request, id, signed, entries);
    if (!accepted) return;
    if (!this.#lanes.get(bytesKey(id))) assertLaneAllowed(this.#lanes, request, signed.ack.epoch, this.#o);
    const apply = credit.match(request, entries);
    const delegation = this.#lanes.strongest(signed.ack, request.delegation);
    const lane = { signed, price: accepted.price, ...(delegation && { delegation }) };
    await this.#o.store.write(laneWrites(id, lane, entries));
    const held = this.#lanes.put(id, lane);
    apply();
    this.#submitter.noteAck(held);
  }

  /** As `verifyAck`; keeps what conflicts before it is refused. */
  async #verify(
    request: LaneRequest,
    id: Uint8Array,
    signed: SignedAck,
    entries: readonly ClaimedDelivery[],
  ): Promise<ReturnType<typeof verifyAck>> {
    try {
      return verifyAck(this.#ackContext(), request, id, signed, entries);
    } catch (error) {
      const lane = this.#lanes.get(bytesKey(id));
      if (lane && errorCode(error) === "ERR_ACK_CONFLICT") {
        const delegations = lane.delegation ? [lane.delegation] : [];
        await this.#conflicts.keep({ first: lane.signed, second: signed, delegations });
      }
      throw error;
    }
  }

  #assertServable(request: LaneRequest): void {
    const { chain, self, minPrices = [] } = this.#o;
    assertServable(chain, this.#lanes.ofAccount(request.account), request, self);
    assertPriced(chain, request, minPrices[request.commodity] ?? 0n);
  }

  #spare({ account, key: session }: LaneRequest): bigint {
    const { chain, self: node } = this.#o;
    const tab = { epoch: chain.head().epoch, account, session, node };
    return spareOf(chain, this.#lanes.ofKey(account, session), tab);
  }

  #cover(request: LaneRequest): Cover {
    const { chain, self, clock } = this.#o;
    const late = clock.now() <= this.#lateUntil;
    return coverOf(chain, this.#lanes.ofKey(request.account, request.key), { node: self, request, late });
  }

  #ackContext(): AckContext {
    const { context, self, chain, clock, signatures = signatureVerifier } = this.#o;
    return {
      signatures,
      networkId: context.networkId,
      self,
      chain,
      lanes: this.#lanes,
      lateUntil: this.#lateUntil,
      now: clock.now(),
    };
  }

  #laneKey(request: LaneRequest, epoch: number): LaneKey {
    const { account, key: session, lane, service, commodity } = request;
    return { epoch, account, session, lane, node: this.#o.self, service, commodity };
  }

  async #makeCredit({ account, key, commodity }: LaneRequest): Promise<Credit> {
    const { store, chain, clock } = this.#o;
    const servedBefore = await markBoot(store, this.#boot, chain.head().epoch, { account, key, commodity });
    return new Credit(clock, creditSteps(commodity), servedBefore, (request) => this.#cover(request));
  }

  /** Of the clock's `elapsed`, before which a session's last request is too long ago. */
  #idleSince(): number {
    return this.#o.clock.elapsed() - this.idleMs;
  }

  #turn(): void {
    this.#lateUntil = this.#o.clock.now() + LATE_ACK_MS;
    this.#background = this.#background
      .then(() => this.#housekeep())
      .catch((error: unknown) => {
        this.#o.logger.error("delivery.housekeeping_failed", {
          code: errorCode(error),
          message: String(error),
        });
      });
  }

  async #housekeep(): Promise<void> {
    await this.#submitter.flush();
    this.#sessions.expire();
    const { chain, store } = this.#o;
    const { epoch } = chain.head();
    for (const { made } of this.#credits.all()) made?.turn();
    await this.#credits.drop(chain, this.#idleSince(), (credit) => this.#sessions.uses(credit));
    await renewMarks(store, this.#boot, epoch, this.#credits.requests());
    await prune(store, epoch - 2);
  }
}

export function createDelivery(options: DeliveryOptions): Delivery {
  return new DeliveryService(options);
}
