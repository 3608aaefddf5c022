import { rememberSignatures } from "#node/chain/support/remembered-signatures.ts";
import type { ConsensusTiming } from "#node/interface/consensus.ts";
import type { Logger } from "#node/interface/logger.ts";
import { signatureVerifier } from "#node/transition/block/signatures.ts";
import { blsVerifier } from "#protocol/crypto/bls.ts";
import { useNativeSszHasher } from "#protocol/crypto/ssz-hasher.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { toHex } from "#protocol/types/hex.ts";
import { Rng } from "#scripts/bench/support/rng.ts";
import { FakeL2 } from "#test/node/chain/support/fake-l2.ts";
import { DoubleSigns } from "../support/double-signs.ts";
import { dropShared, shareDecoded } from "../support/shared-values.ts";
import { SimClock } from "../support/sim-clock.ts";
import { RememberedSignatures, simSigner, simVerifier, simVerifierTogether } from "../support/sim-crypto.ts";
import { SimHub } from "../support/sim-network.ts";
import type { Misdeed } from "./byzantine.ts";
import { Chaos } from "./chaos.ts";
import { Doubles } from "./doubles.ts";
import { type SimWorld, simWorld } from "./genesis.ts";
import { Ledger, type LedgerBlock } from "./ledger.ts";
import { Load } from "./load.ts";
import { Machine, type MachineEvents, type Surroundings } from "./machine.ts";
import { isByzantine, type Profile } from "./profiles.ts";

useNativeSszHasher();

export interface SimulationOptions {
  seed: number;
  /** seats of the committee */
  nodes: number;
  profile: Profile;
  /** real signatures */
  bls?: boolean;
  /** signatures of what comes together are checked together; with `bls` always */
  together?: boolean;
  logger?: Logger;
  /** what a node's own consensus ordered and the node executed */
  onCommit?: (commit: SimCommit) => void;
}

export interface SimCommit {
  node: number;
  block: LedgerBlock;
  /** in order */
  certificates: string[];
}

/** ms */
const EPOCH_MS = 10_000;

/** A network of production chains with simulated machines, whose every write and signature is looked at. */
export class ChainSimulation {
  readonly clock: SimClock;
  readonly hub: SimHub;
  readonly ledger: Ledger;
  readonly signs: DoubleSigns;
  readonly machines: Machine[];
  readonly chaos: Chaos;
  readonly doubles: Doubles;
  readonly load: Load;
  readonly rng: Rng;
  readonly violations: string[] = [];
  /** deaths of processes, and what Byzantine nodes did */
  readonly misdeeds: Partial<Record<Misdeed, number>> = {};
  commits = 0;
  #onCommit: ((commit: SimCommit) => void) | undefined;

  constructor(options: SimulationOptions) {
    shareDecoded();
    const { seed, nodes, profile, onCommit } = options;
    this.#onCommit = onCommit;
    this.rng = new Rng(seed * 64 + nodes);
    const world = simWorld(seed, nodes, EPOCH_MS);
    this.clock = new SimClock(world.genesis.startTime);
    const byzantine = this.#drawByzantine(world, isByzantine(profile) ? Math.floor((nodes - 1) / 3) : 0);
    this.signs = new DoubleSigns((id) => !byzantine.has(id));
    this.hub = new SimHub(this.clock, this.#fork(), (...sent) => this.#observe(...sent));
    this.ledger = new Ledger((what) => this.#violation(what));
    const around = this.#surroundings(world, options);
    this.machines = world.keys.map(
      ({ nodeId }) => new Machine(nodeId, byzantine.has(nodeId), around, this.#events(), this.#fork()),
    );
    this.chaos = new Chaos(profile, this.#fork(), this.clock, this.hub, this.machines);
    this.doubles = new Doubles(this, this.#fork(), (what) => this.#violation(what));
    this.load = new Load(world, this.#fork(), this.machines, {
      isFinal: (id) => this.ledger.final.has(id),
      isRefused: (id) => this.ledger.refused.has(id),
    });
  }

  get honest(): Machine[] {
    return this.machines.filter(({ byzantine }) => !byzantine);
  }

  /** rounds of all epochs together */
  get rounds(): number {
    return [...this.signs.rounds.values()].reduce((sum, round) => sum + round, 0);
  }

  start(): void {
    for (const machine of this.machines) machine.start();
  }

  /** Runs for `ms` under load or `until` something holds, and stops at the first violation. `idle`: nothing is sent. */
  async run(ms: number, options: { idle?: boolean; until?: () => boolean } = {}): Promise<void> {
    const { idle = false, until } = options;
    for (let left = ms; left > 0 && this.violations.length === 0 && !until?.(); left -= STEP_MS) {
      if (!idle && this.rng.chance(0.12)) this.load.send();
      await this.clock.advance(Math.min(left, STEP_MS));
    }
  }

  /** Everything stops: nothing of this run stays behind. */
  end(): void {
    for (const machine of this.machines) machine.crash();
    dropShared();
  }

  #violation(what: string): void {
    this.violations.push(what);
  }

  #observe(...[from, channel, message]: Parameters<DoubleSigns["observe"]>): void {
    this.signs.observe(from, channel, message);
    for (const slot of this.signs.found.splice(0)) this.#violation(`signed twice: ${slot}`);
  }

  #fork(): Rng {
    return new Rng(this.rng.int(0, 2 ** 31));
  }

  #drawByzantine(world: SimWorld, most: number): Set<number> {
    const ids = world.keys.map(({ nodeId }) => nodeId);
    const count = most === 0 ? 0 : this.rng.int(1, most);
    const drawn = new Set<number>();
    while (drawn.size < count) drawn.add(ids[this.rng.int(0, ids.length - 1)] ?? 1);
    return drawn;
  }

  #surroundings(world: SimWorld, { bls, together, logger }: SimulationOptions): Surroundings {
    const remembered = new RememberedSignatures(blsVerifier);
    const signers = world.keys.map(({ consensus }) =>
      bls ? remembered.signer(consensus) : simSigner(consensus.publicKey),
    );
    const signer = (nodeId: number) => {
      const found = signers[nodeId - 1];
      if (!found) throw new Error(`no node ${nodeId}`);
      return found;
    };
    const { clock, hub } = this;
    const l2 = new FakeL2(clock, world.genesis, world.events);
    const arithmetic = together ? simVerifierTogether : simVerifier;
    const verifier = bls ? remembered.verifier : arithmetic;
    return {
      ...{ world, clock, hub, l2, verifier, signer },
      signatures: rememberSignatures(signatureVerifier),
      timing: drawTiming(this.rng),
      ...(logger ? { logger } : {}),
    };
  }

  #events(): MachineEvents {
    const judged = (node: number) => this.machines[node - 1]?.byzantine === false;
    return {
      wrote: (node, part) => {
        if (judged(node)) this.ledger.wrote(node, part);
      },
      committed: (node, epoch, index, digests) => {
        if (!judged(node)) return;
        this.commits++;
        this.ledger.ordered(node, epoch, index, digests);
        const block = this.ledger.at(epoch, index);
        if (block) this.#onCommit?.({ node, block, certificates: digests.map(toHex) });
      },
      fatal: (node, error) => {
        if (judged(node)) this.#violation(`node ${node} stopped: ${errorCode(error)} ${error}`);
        // the honest node inside notices what is signed with its key: it comes back for more
        else this.machines[node - 1]?.crash();
      },
      misdeed: (misdeed) => {
        this.misdeeds[misdeed] = (this.misdeeds[misdeed] ?? 0) + 1;
      },
    };
  }
}

/** ms between looks at the load */
const STEP_MS = 50;

/** Fast and slow networks, short and long memories. */
function drawTiming(rng: Rng): ConsensusTiming {
  return {
    minHeaderDelayMs: rng.int(60, 150),
    maxHeaderDelayMs: rng.int(200, 600),
    maxBatchDelayMs: rng.int(20, 100),
    batchBytes: 262_144,
    gcDepth: [7, 8, 12, 50][rng.int(0, 3)] ?? 50,
  };
}
