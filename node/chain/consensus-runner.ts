import type { EpochConsensus } from "#node/interface/consensus.ts";
import type { Logger } from "#node/interface/logger.ts";
import type { Committee } from "#protocol/types/committee.ts";
import { Serial } from "./support/serial.ts";

/** The epoch whose consensus this node should be running. */
export interface WantedEpoch {
  epoch: number;
  committee: Committee;
  /** settlement digest of the epoch before, or the genesis digest */
  opening: Uint8Array;
  seed: Uint8Array;
}

export interface ConsensusRunnerOptions {
  wanted(): Promise<WantedEpoch | undefined>;
  create(wanted: WantedEpoch): EpochConsensus;
  /** `consensus` takes transactions from now on; undefined: this node is no member. */
  changed(consensus: EpochConsensus | undefined): Promise<void>;
  logger: Logger;
}

/** Keeps the one consensus instance running that the state of the chain asks for. */
export class ConsensusRunner {
  #options: ConsensusRunnerOptions;
  #serial = new Serial();
  #running: EpochConsensus | undefined;
  #stopped = false;
  #stopping: Promise<void> | undefined;

  constructor(options: ConsensusRunnerOptions) {
    this.#options = options;
  }

  running(): EpochConsensus | undefined {
    return this.#running;
  }

  /** Call when the epoch, its committee or its opening may have changed. Nothing happens when all is as it should be. */
  reconcile(): Promise<void> {
    return this.#serial.run(() => this.#reconcile());
  }

  /** Begins anew with what is on disk: an instance that may not sign any more has to listen. */
  restart(): Promise<void> {
    return this.#serial.run(async () => {
      if (!this.#running) return;
      await this.#end();
      await this.#reconcile();
    });
  }

  /** Takes effect at once; resolves when nothing runs. Can be called again. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#stopped = true;
    const running = this.#running;
    this.#running = undefined;
    await running?.stop();
    await this.#serial.idle();
  }

  async #reconcile(): Promise<void> {
    if (this.#stopped) return;
    const { wanted: ask, create, changed } = this.#options;
    const wanted = await ask();
    if (this.#stopped || wanted?.epoch === this.#running?.epoch) return;
    await this.#end();
    if (!wanted) {
      await changed(undefined);
      return;
    }
    const instance = create(wanted);
    this.#running = instance;
    await instance.start();
    if (this.#running !== instance) return;
    this.#options.logger.info("consensus started", {
      epoch: instance.epoch,
      members: wanted.committee.members.length,
    });
    await changed(instance);
  }

  async #end(): Promise<void> {
    const old = this.#running;
    if (!old) return;
    this.#running = undefined;
    await old.stop();
    this.#options.logger.info("consensus stopped", { epoch: old.epoch });
  }
}
