import type { EpochConsensus, EpochConsensusOptions } from "#node/interface/consensus.ts";
import { transactionId } from "#protocol/digests/ids.ts";
import { FlkError } from "#protocol/errors/error.ts";
import type { BlockInput, CheckpointReport } from "#protocol/types/block.ts";
import { quorumPower } from "#protocol/types/committee.ts";
import type { SignedAttestation } from "#protocol/types/consensus.ts";
import { toHex } from "#protocol/types/hex.ts";
import { seedOf } from "#test/node/transition/support/keys.ts";
import type { VirtualClock } from "./virtual-clock.ts";

const BLOCK_MS = 400;
const CURSOR = (epoch: number) => new TextEncoder().encode(`fake cursor ${epoch}`);

/** The total order of one epoch that all its instances emit. */
class Sequencer {
  readonly inputs: BlockInput[] = [];
  /** attestations that headers carried, by the block after which they are seen */
  readonly attestations: SignedAttestation[][] = [];
  readonly instances = new Map<number, FakeInstance>();
  /** accepted and not ordered, by author: survives restarts as a real instance's store does */
  readonly waiting = new Map<number, Map<string, Uint8Array>>();
  readonly reported = new Map<number, number>();
  readonly ordered = new Set<string>();
}

/** Stands in for Narwhal and Bullshark: one shared order, as long as 2f+1 instances run. */
export class FakeOrder {
  readonly sequencers = new Map<number, Sequencer>();
  /** members that forgot their cursor emit everything again */
  forgetful = false;
  poolFull = false;
  readonly clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.clock = clock;
    this.#tick();
  }

  create = (options: EpochConsensusOptions): EpochConsensus => new FakeInstance(this, options);

  sequencer(epoch: number): Sequencer {
    const known = this.sequencers.get(epoch);
    if (known) return known;
    const made = new Sequencer();
    this.sequencers.set(epoch, made);
    return made;
  }

  #tick(): void {
    this.clock.after(BLOCK_MS, () => {
      for (const [epoch, sequencer] of this.sequencers) this.#order(epoch, sequencer);
      this.#tick();
    });
  }

  #order(epoch: number, sequencer: Sequencer): void {
    const open = [...sequencer.instances.values()].filter((instance) => !instance.closed);
    const first = open[0];
    if (!first || open.length < quorumPower(first.options.committee)) return;
    const index = sequencer.inputs.length;
    const transactions = open.flatMap((instance) => [
      ...(sequencer.waiting.get(instance.self)?.values() ?? []),
    ]);
    const fresh = new Map(transactions.map((bytes) => [toHex(transactionId(bytes)), bytes]));
    for (const id of fresh.keys()) sequencer.ordered.add(id);
    for (const waiting of sequencer.waiting.values()) for (const id of fresh.keys()) waiting.delete(id);
    sequencer.attestations.push(open.flatMap((instance) => instance.options.takeAttestations()));
    sequencer.inputs.push({
      epoch,
      index,
      anchorRound: 2 * index + 2,
      anchorAuthor: first.self,
      anchor: seedOf(`anchor ${epoch} ${index}`),
      time: this.clock.now(),
      beacon: new Uint8Array(96).fill((7 * epoch + index) % 256),
      reports: open.flatMap((instance) => this.#reports(sequencer, instance)),
      transactions: [...fresh.values()],
    });
    for (const instance of sequencer.instances.values()) instance.wake();
  }

  #reports(sequencer: Sequencer, instance: FakeInstance): CheckpointReport[] {
    const checkpoints = instance.options.nextCheckpoints(sequencer.reported.get(instance.self) ?? 0);
    const last = checkpoints.at(-1);
    if (last) sequencer.reported.set(instance.self, last.number);
    return checkpoints.map((checkpoint) => ({ node: instance.self, checkpoint }));
  }
}

class FakeInstance implements EpochConsensus {
  readonly epoch: number;
  readonly self: number;
  readonly options: EpochConsensusOptions;
  closed = false;
  #order: FakeOrder;
  #sequencer: Sequencer;
  #next = 0;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(order: FakeOrder, options: EpochConsensusOptions) {
    this.#order = order;
    this.options = options;
    this.epoch = options.committee.epoch;
    this.self = options.self;
    this.#sequencer = order.sequencer(this.epoch);
  }

  async start(): Promise<void> {
    const stored = await this.options.store.get("consensus", CURSOR(this.epoch));
    if (stored && !this.#order.forgetful) this.#next = stored[0] ?? 0;
    this.#sequencer.instances.set(this.self, this);
    this.wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#sequencer.instances.get(this.self) === this) this.#sequencer.instances.delete(this.self);
    await this.#running;
  }

  wake(): void {
    this.#running ??= this.#emit().finally(() => {
      this.#running = undefined;
    });
  }

  async submit(transactions: Uint8Array[]): Promise<void> {
    if (this.#order.poolFull) throw new FlkError("ERR_POOL_FULL", "full");
    const waiting = this.#sequencer.waiting.get(this.self) ?? new Map<string, Uint8Array>();
    this.#sequencer.waiting.set(this.self, waiting);
    for (const bytes of transactions) {
      const id = toHex(transactionId(bytes));
      if (!this.#sequencer.ordered.has(id)) waiting.set(id, bytes);
    }
  }

  async pending(): Promise<Uint8Array[]> {
    return [...(this.#sequencer.waiting.get(this.self)?.values() ?? [])];
  }

  status() {
    return { round: 2 * this.#next, lastCommittedRound: 2 * this.#next, certificates: 0, batches: 0 };
  }

  async #emit(): Promise<void> {
    const { inputs, attestations } = this.#sequencer;
    while (!this.#stopped && !this.closed && this.#next < inputs.length) {
      const input = inputs[this.#next];
      if (!input) return;
      const value = Uint8Array.of(this.#next + 1);
      this.options.onAttestations(attestations[this.#next] ?? []);
      try {
        const cursor = [{ namespace: "consensus" as const, key: CURSOR(this.epoch), value }];
        this.closed = (await this.options.onCommit({ input, cursor, certificates: [] })).closed;
      } catch (error) {
        this.#stopped = true;
        this.options.onFatal(error);
        return;
      }
      this.#next++;
    }
  }
}
