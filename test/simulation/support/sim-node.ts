import assert from "node:assert/strict";
import { createEpochConsensus, DEFAULT_TIMING } from "#node/chain/narwhal/epoch-consensus.ts";
import { u64 } from "#node/consensus/records.ts";
import type { Clock } from "#node/interface/clock.ts";
import type { CommittedSubDag, ConsensusTiming, EpochConsensus } from "#node/interface/consensus.ts";
import type { ConsensusSigner, ConsensusVerifier } from "#node/interface/crypto.ts";
import type { NetworkContext } from "#protocol/digests/network.ts";
import { BlockInput } from "#protocol/types/block.ts";
import { decode, equalBytes } from "#protocol/types/codec.ts";
import type { Committee } from "#protocol/types/committee.ts";
import type { Rng } from "#scripts/bench/support/rng.ts";
import { mockSigner, mockVerifier } from "#test/node/chain/support/mock-crypto.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";
import { RecordingMetrics, silentLogger } from "#test/node/support/recording.ts";
import type { SimHub } from "./sim-network.ts";
import { SimProcess } from "./sim-process.ts";
import { SimStore } from "./sim-store.ts";

export interface SimCrypto {
  signer(nodeId: number): ConsensusSigner;
  verifier: ConsensusVerifier;
}

export interface SimEpoch {
  context: NetworkContext;
  committee: Committee;
  seed: Uint8Array;
  opening: Uint8Array;
  timing?: Partial<ConsensusTiming>;
  /** the mock that binds key and message when absent */
  crypto?: SimCrypto;
  /** Unix ms from which a block closes the epoch */
  end?: number;
}

/** A member: a disk that outlives its processes, and at most one process. */
export class SimNode {
  readonly id: number;
  readonly disk = new MemoryStore();
  readonly metrics = new RecordingMetrics();
  readonly fatal: unknown[] = [];
  consensus: EpochConsensus | undefined;
  #epoch: SimEpoch;
  #hub: SimHub;
  #clock: Clock;
  #rng: Rng;
  #process: SimProcess | undefined;

  constructor(id: number, epoch: SimEpoch, hub: SimHub, clock: Clock, rng: Rng) {
    this.id = id;
    this.#epoch = epoch;
    this.#hub = hub;
    this.#clock = clock;
    this.#rng = rng;
  }

  get running(): boolean {
    return this.#process !== undefined;
  }

  async start(): Promise<void> {
    const process = new SimProcess(this.#clock);
    this.#process = process;
    const store = new SimStore(this.disk, process, this.#rng);
    const { context, committee, seed, opening, timing, crypto } = this.#epoch;
    const key = committee.members.find(({ nodeId }) => nodeId === this.id)?.consensusKey;
    assert(key);
    this.consensus = createEpochConsensus({
      context,
      committee,
      self: this.id,
      signer: crypto?.signer(this.id) ?? mockSigner(key),
      verifier: crypto?.verifier ?? mockVerifier,
      opening,
      seed,
      timing: { ...DEFAULT_TIMING, ...timing },
      network: this.#hub.join(this.id, process),
      store,
      clock: process,
      logger: silentLogger,
      metrics: this.metrics,
      nextCheckpoints: (upTo) => this.#checkpoints(upTo),
      takeAttestations: () => [],
      onAttestations: () => {},
      onCommit: (subDag) => this.#execute(store, subDag),
      onFatal: (error) => void this.fatal.push(error),
    });
    await this.consensus.start();
  }

  /** SIGKILL: what is not on disk is gone. */
  crash(): void {
    this.#process?.kill();
    this.#process = undefined;
    this.consensus = undefined;
  }

  async blocks(): Promise<BlockInput[]> {
    const inputs: BlockInput[] = [];
    for await (const [, value] of this.disk.iterate("block")) inputs.push(decode(BlockInput, value));
    return inputs;
  }

  /** One checkpoint every 4 s of virtual time. */
  #checkpoints(upTo: number): { number: number; hash: Uint8Array }[] {
    const newest = Math.floor(this.#clock.now() / 4000);
    const first = upTo === 0 ? newest : upTo + 1;
    const numbers = Array.from({ length: Math.max(0, newest - first + 1) }, (_, at) => first + at);
    return numbers.map((number) => ({ number, hash: new Uint8Array(32).fill(number % 256) }));
  }

  async #execute(store: SimStore, { input, cursor }: CommittedSubDag): Promise<{ closed: boolean }> {
    const key = u64(input.index);
    const value = BlockInput.serialize(input);
    const before = await store.get("block", key);
    if (before) assert(equalBytes(before, value), `node ${this.id} was given another block ${input.index}`);
    else await store.write([...cursor, { namespace: "block", key, value }]);
    return { closed: this.#epoch.end !== undefined && input.time >= this.#epoch.end };
  }
}
