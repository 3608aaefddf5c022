import type { Ed25519Signer } from "#crypto";
import type { ChainView, TransactionPool } from "#node/interface/chain-view.ts";
import type { Clock } from "#node/interface/clock.ts";
import type { Logger } from "#node/interface/logger.ts";
import type { Metrics } from "#node/interface/metrics.ts";
import type { Network } from "#node/interface/network.ts";
import type { Startable } from "#node/interface/startable.ts";
import type { NetworkContext } from "#protocol/digests/network.ts";
import { signNodeTransaction } from "#protocol/digests/transactions.ts";
import { errorCode } from "#protocol/errors/error.ts";
import type { PeerReport } from "#protocol/types/reputation.ts";
import { TX } from "#protocol/types/transactions.ts";
import { answerSample } from "./answer.ts";
import type { Meter } from "./meter.ts";
import { showExpected, showStanding } from "./own-standing.ts";
import { Prober } from "./prober.ts";
import { Ration } from "./ration.ts";
import type { Samples } from "./samples.ts";

/** Of the epoch: when reports are handed in, at a moment in between. Later there is no time to repeat it. */
const REPORT_FROM = 0.75;
const REPORT_TO = 0.9;
/** Of the epoch: when the reports of others are in, and this node looks at what they will make of it. */
const EXPECT_AT = 0.95;
const RETRY_MS = 1_000;
/** After the start: until peers are connected, their silence says nothing about them. */
const SETTLE_MS = 3_000;

export interface ReputationOptions {
  context: NetworkContext;
  self: number;
  /** network key */
  signer: Ed25519Signer;
  network: Network;
  chain: ChainView;
  pool: TransactionPool;
  meter: Meter;
  samples: Samples;
  clock: Clock;
  /** in [0, 1); not to be foreseen by others */
  random: () => number;
  logger: Logger;
  metrics: Metrics;
}

/** Measures the peers that this node observes, answers those that observe it, and reports once an epoch (REP-MEASURE). */
export class Reputation implements Startable {
  readonly #o: ReputationOptions;
  readonly #prober: Prober;
  readonly #ration = new Ration();
  #cancel: (() => void) | undefined;
  #cancelExpected: (() => void) | undefined;
  #leave: (() => void) | undefined;
  #reporting: Promise<void> | undefined;

  constructor(options: ReputationOptions) {
    this.#o = options;
    const { network, meter, samples, clock, random, metrics, logger } = options;
    const onError = (error: unknown): void => {
      metrics.counter("flk_reputation_failures_total", HELP, { code: errorCode(error) }).inc();
      logger.warn("reputation.failed", { code: errorCode(error), message: String(error) });
    };
    this.#prober = new Prober({ network, meter, samples, clock, random, onError });
    network.onRequest("probe", (from, message) => answerSample(samples, this.#ration, from, message));
  }

  async start(): Promise<void> {
    this.#ration.begin(this.#observers());
    this.#leave = this.#o.chain.onEpoch(() => {
      this.#ration.begin(this.#observers());
      this.#begin();
    });
    this.#cancel = this.#o.clock.after(SETTLE_MS, () => this.#begin());
  }

  async stop(): Promise<void> {
    this.#leave?.();
    this.#leave = undefined;
    this.#cancel?.();
    this.#cancelExpected?.();
    await this.#prober.stop();
    await this.#reporting;
  }

  #observers(): number[] {
    const { chain, self } = this.#o;
    const nodes = chain.nodes().map(({ nodeId }) => nodeId);
    return nodes.filter((nodeId) => chain.observed(nodeId).includes(self));
  }

  #begin(): void {
    const { chain, meter, clock, random, self } = this.#o;
    this.#cancel?.();
    this.#cancelExpected?.();
    showStanding(chain, self, this.#o);
    const { epoch, epochEnd } = chain.head();
    meter.begin(chain.observed(self));
    // a clock that is wrong makes the epoch no longer than it can be, and at worst this node silent in it
    const longest = Number(chain.parameter("epochLengthMs") ?? 0n);
    const left = Math.min(longest, Math.max(0, epochEnd - clock.now()));
    this.#prober.begin(left * REPORT_FROM);
    this.#cancelExpected = clock.after(Math.ceil(left * EXPECT_AT), () => showExpected(chain, self, this.#o));
    const at = left * (REPORT_FROM + random() * (REPORT_TO - REPORT_FROM));
    this.#cancel = clock.after(Math.ceil(at), () => this.#report(epoch, meter.report()));
  }

  #report(epoch: number, peers: PeerReport[]): void {
    if (peers.length === 0 || !trustsItself(peers)) {
      this.#o.logger.info("reputation.silent", { epoch, peers: peers.length });
      return;
    }
    this.#reporting = this.#submit(epoch, peers);
  }

  async #submit(epoch: number, peers: PeerReport[]): Promise<void> {
    const { context, self, signer, pool, chain, clock, logger, metrics } = this.#o;
    const tx = { kind: TX.submitReputation, body: { node: self, epoch, peers } };
    try {
      await pool.submit(signNodeTransaction(context, tx, signer));
      metrics.counter("flk_reputation_reports_total", "Reports handed in, one an epoch").inc();
      logger.info("reputation.reported", { epoch, peers: peers.length });
    } catch (error) {
      const code = errorCode(error);
      if (code === "ERR_REPORT_REPEATED") {
        logger.info("reputation.already_reported", { epoch });
        return;
      }
      metrics.counter("flk_reputation_failures_total", HELP, { code }).inc();
      logger.warn("reputation.not_reported", { epoch, code });
      if (NEVER_TAKEN.includes(code)) return;
      if (chain.head().epoch !== epoch || !this.#leave) return;
      this.#cancel = clock.after(RETRY_MS, () => this.#report(epoch, peers));
    }
  }
}

/** Whatever comes later in the epoch. */
const NEVER_TAKEN = ["ERR_REPORT_EPOCH", "ERR_REPORT_SUBJECT", "ERR_REPORT_RANGE"];
const HELP = "Reports and questions that failed, by code";

/** A node that hardly reaches anybody is more likely to be cut off itself than all of them are. */
function trustsItself(peers: readonly PeerReport[]): boolean {
  const asked = peers.filter(({ probes }) => probes > 0);
  const reached = asked.filter(({ reached: answers }) => answers > 0);
  return 2 * reached.length >= asked.length;
}
