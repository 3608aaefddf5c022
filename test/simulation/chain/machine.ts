import { createChain } from "#node/chain/chain.ts";
import { createEpochConsensus } from "#node/chain/narwhal/epoch-consensus.ts";
import type { Chain } from "#node/chain/options.ts";
import { kindOf } from "#node/chain/protection/records.ts";
import type { ConsensusTiming, EpochConsensus, EpochConsensusOptions } from "#node/interface/consensus.ts";
import type { ConsensusSigner, ConsensusVerifier, SignatureVerifier } from "#node/interface/crypto.ts";
import type { Logger } from "#node/interface/logger.ts";
import type { Network } from "#node/interface/network.ts";
import type { Write } from "#node/interface/store.ts";
import type { Rng } from "#scripts/bench/support/rng.ts";
import { type FakeL2, FakeReader } from "#test/node/chain/support/fake-l2.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";
import { silentLogger, silentMetrics } from "#test/node/support/recording.ts";
import type { SimClock } from "../support/sim-clock.ts";
import type { SimHub } from "../support/sim-network.ts";
import { SimProcess } from "../support/sim-process.ts";
import { SimStore } from "../support/sim-store.ts";
import { ByzantineNetwork, type Misdeed } from "./byzantine.ts";
import type { SimWorld } from "./genesis.ts";

/** ms that the disk of an idle machine takes at most */
export const QUICK_DISK_MS = 3;
const POSTER_STEP_MS = 2_000;

/** What all machines of one run share. */
export interface Surroundings {
  world: SimWorld;
  clock: SimClock;
  hub: SimHub;
  l2: FakeL2;
  timing: ConsensusTiming;
  verifier: ConsensusVerifier;
  /** of transactions: what one node checked is checked for all */
  signatures: SignatureVerifier;
  signer(nodeId: number): ConsensusSigner;
  logger?: Logger;
}

export interface MachineEvents {
  wrote(node: number, part: readonly Write[]): void;
  committed(node: number, epoch: number, index: number, certificates: readonly Uint8Array[]): void;
  fatal(node: number, error: unknown): void;
  misdeed(misdeed: Misdeed): void;
}

function isSignature({ namespace, key, value }: Write): boolean {
  return namespace === "protection" && value !== null && kindOf(key) !== undefined;
}

/** A node's machine: a disk and a clock that outlive its processes, and at most one process with the production chain. */
export class Machine {
  readonly id: number;
  readonly byzantine: boolean;
  disk: MemoryStore;
  /** ms for which its processes listen for their own key before they sign */
  windowMs = 0;
  /** Takes what stops its process, in the place of `MachineEvents.fatal`. */
  refused: ((error: unknown) => void) | undefined;
  /** whether its process has signed something */
  signed = false;
  /** how far its clock is ahead, ms */
  skewMs = 0;
  /** the longest that one write takes, ms */
  slowestMs = QUICK_DISK_MS;
  chain: Chain | undefined;
  bent: ByzantineNetwork | undefined;
  /** of the epoch that it was in last */
  consensus: EpochConsensus | undefined;
  #around: Surroundings;
  #events: MachineEvents;
  #rng: Rng;
  #process: SimProcess | undefined;
  /** durable writes until the process dies, and on which side of that write */
  #doom: { writes: number; before: boolean } | undefined;
  #second = false;

  constructor(
    id: number,
    byzantine: boolean,
    around: Surroundings,
    events: MachineEvents,
    rng: Rng,
    disk: MemoryStore = new MemoryStore(),
  ) {
    this.id = id;
    this.byzantine = byzantine;
    this.disk = disk;
    this.#around = around;
    this.#events = events;
    this.#rng = rng;
  }

  get running(): boolean {
    return this.#process !== undefined;
  }

  start(): void {
    if (this.#process) return;
    const { clock, hub, l2, world, timing, verifier, signatures, logger = silentLogger } = this.#around;
    const fatal = (error: unknown) => {
      if (!process.alive) return;
      if (this.refused) this.refused(error);
      else this.#events.fatal(this.id, error);
    };
    const process = new SimProcess(clock, () => this.skewMs, fatal);
    this.#process = process;
    this.signed = false;
    const store = new SimStore(this.disk, process, this.#rng, {
      slowestMs: () => this.slowestMs,
      writes: () => this.#write(true),
      wrote: (part) => {
        this.signed ||= part.some(isSignature);
        this.#events.wrote(this.id, part);
        this.#write(false);
      },
    });
    const chain = createChain({
      context: world.context,
      self: this.id,
      signers: [this.#around.signer(this.id)],
      verifier,
      signatures,
      network: this.#network(hub.join(this.id, process, this.#second)),
      store,
      clock: process,
      l2: new FakeReader(l2),
      poster: l2.poster(this.id),
      logger: logger.child({ node: this.id }),
      metrics: silentMetrics,
      timing,
      posterStepMs: POSTER_STEP_MS,
      ...(this.windowMs > 0 ? { doppelganger: { windowMs: this.windowMs } } : {}),
      createConsensus: (options) => this.#consensus(options),
      onFatal: fatal,
    });
    chain.start().then(() => {
      if (process.alive) this.chain = chain;
    }, fatal);
  }

  /** The same node in another place, with what its disk holds now, beside this one. It listens for `windowMs` first. */
  copy(windowMs: number): Machine {
    const silent: MachineEvents = {
      wrote: () => undefined,
      committed: () => undefined,
      fatal: () => undefined,
      misdeed: () => undefined,
    };
    const copy = new Machine(this.id, false, this.#around, silent, this.#rng, this.disk.clone());
    copy.#second = true;
    copy.windowMs = windowMs;
    return copy;
  }

  /** Its next process has another disk, and listens for `windowMs` first. */
  restore(disk: MemoryStore, windowMs: number): void {
    this.disk = disk;
    this.windowMs = windowMs;
  }

  /** Where it stands, for whoever looks for the cause of a stall. */
  describe(): string {
    const { chain, consensus } = this;
    if (!chain) return `node ${this.id} is not up`;
    const { epoch, height } = chain.head();
    const { round, lastCommittedRound } = consensus?.status() ?? {};
    const ordering = consensus
      ? `round ${round} of epoch ${consensus.epoch}, ordered to ${lastCommittedRound}`
      : "";
    return `node ${this.id}${this.byzantine ? " (Byzantine)" : ""}: block ${height} of epoch ${epoch}; ${ordering}`;
  }

  /** SIGKILL: what is not on disk is gone. */
  crash(): void {
    if (!this.#process) return;
    this.#process.kill();
    this.#process = undefined;
    this.chain = undefined;
    this.#doom = undefined;
  }

  /** SIGTERM: the process ends by itself within `mostMs`, or it is a failure. */
  stop(mostMs: number): void {
    const { chain } = this;
    const process = this.#process;
    if (!chain || !process) return;
    process.after(mostMs, () => {
      if (process.alive) this.#events.fatal(this.id, new Error(`it did not stop within ${mostMs} ms`));
    });
    chain.stop().then(
      () => {
        if (this.#process === process) this.crash();
      },
      (error) => {
        if (process.alive) this.#events.fatal(this.id, error);
      },
    );
  }

  /** The process dies at its `writes`-th durable write from now, before or after that is on disk. */
  crashAt(writes: number, before: boolean): void {
    this.#doom = { writes, before };
  }

  #write(before: boolean): void {
    const doom = this.#doom;
    if (!doom || doom.before !== before) return;
    doom.writes--;
    if (doom.writes <= 0) this.crash();
  }

  #network(inner: Network): Network {
    if (!this.byzantine) return inner;
    const before = this.bent;
    this.bent = new ByzantineNetwork(inner, this.#rng, (misdeed) => this.#events.misdeed(misdeed));
    for (const misdeed of before?.misdeeds ?? []) this.bent.misdeeds.add(misdeed);
    return this.bent;
  }

  #consensus(options: EpochConsensusOptions) {
    this.bent?.enter(options);
    const { onCommit } = options;
    this.consensus = createEpochConsensus({
      ...options,
      onCommit: async (subDag) => {
        const result = await onCommit(subDag);
        const { epoch, index } = subDag.input;
        this.#events.committed(this.id, epoch, index, subDag.certificates);
        return result;
      },
    });
    return this.consensus;
  }
}
