import { createChain } from "#node/chain/chain.ts";
import { createEpochConsensus, DEFAULT_TIMING } from "#node/chain/narwhal/epoch-consensus.ts";
import type { Chain } from "#node/chain/options.ts";
import type { DoppelgangerOptions } from "#node/chain/protection/doppelganger.ts";
import type { EpochConsensus, EpochConsensusOptions } from "#node/interface/consensus.ts";
import type { Store, Write } from "#node/interface/store.ts";
import { failStop } from "#node/store/fail-stop.ts";
import { useNativeSszHasher } from "#protocol/crypto/ssz-hasher.ts";
import { FlkError } from "#protocol/errors/error.ts";
import { toHex } from "#protocol/types/hex.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";
import { RecordingMetrics, recordingLogger } from "#test/node/support/recording.ts";
import { START, World, type WorldOptions } from "#test/node/transition/support/world.ts";
import { FakeOrder } from "./fake-consensus.ts";
import { FakeL2, FakeReader } from "./fake-l2.ts";
import { FakeHub, type FakeNetwork } from "./fake-network.ts";
import { mockSigner, mockVerifier } from "./mock-crypto.ts";
import { settle, VirtualClock } from "./virtual-clock.ts";

useNativeSszHasher();

export const EPOCH_MS = 10_000;
export const POSTER_STEP_MS = 2_000;

/** Lets `left` writes pass; after that the disk is gone, as after a crash. */
export class CrashingStore implements Store {
  readonly inner: MemoryStore;
  left: number;
  /** the one write that fails, by number; those after it would pass */
  failing: number | undefined;
  count = 0;

  constructor(inner: MemoryStore, left: number = Number.POSITIVE_INFINITY) {
    this.inner = inner;
    this.left = left;
  }

  get(...args: Parameters<Store["get"]>) {
    return this.inner.get(...args);
  }

  iterate(...args: Parameters<Store["iterate"]>) {
    return this.inner.iterate(...args);
  }

  async write(batch: readonly Write[]): Promise<void> {
    if (this.left <= 0) throw new FlkError("ERR_STORE", "the disk is gone");
    this.left--;
    if (this.count++ === this.failing) throw new FlkError("ERR_STORE", "the disk had a bad moment");
    await this.inner.write(batch);
  }
}

export class TestNode {
  readonly nodeId: number;
  readonly reader: FakeReader;
  readonly store: CrashingStore;
  readonly chain: Chain;
  readonly network: FakeNetwork;
  readonly logger = recordingLogger();
  readonly metrics = new RecordingMetrics();
  readonly fatal: unknown[] = [];

  constructor(net: TestNet, nodeId: number, store: MemoryStore, writes?: number, isCopy = false) {
    this.nodeId = nodeId;
    this.reader = new FakeReader(net.l2);
    this.reader.stuckAt = net.l2StuckAt;
    this.store = new CrashingStore(store, writes);
    this.network = isCopy ? net.hub.copy(nodeId) : net.hub.join(nodeId);
    this.chain = createChain({
      context: net.world.network,
      self: nodeId,
      signers: [net.world.node(nodeId).consensus.publicKey, ...(net.newKeys.get(nodeId) ?? [])].map(
        mockSigner,
      ),
      verifier: mockVerifier,
      network: this.network,
      // as in a real node: whatever fails there ends it
      store: failStop(this.store, (error) => this.fatal.push(error)),
      clock: net.clock,
      l2: this.reader,
      poster: net.l2.poster(nodeId),
      logger: this.logger,
      metrics: this.metrics,
      timing: DEFAULT_TIMING,
      posterStepMs: POSTER_STEP_MS,
      createConsensus: net.createConsensus,
      ...(net.doppelganger && { doppelganger: net.doppelganger }),
      onFatal: (error) => this.fatal.push(error),
    });
  }

  get root(): string {
    return toHex(this.chain.head().stateRoot);
  }
}

/** Nodes 1–4 are the first committee; the rest follow. */
export class TestNet {
  readonly clock = new VirtualClock(START);
  readonly hub = new FakeHub(this.clock);
  readonly order = new FakeOrder(this.clock);
  readonly world: World;
  readonly l2: FakeL2;
  readonly createConsensus: (options: EpochConsensusOptions) => EpochConsensus;
  readonly nodes = new Map<number, TestNode>();
  /** consensus keys that a node has beside its first, when it starts */
  readonly newKeys = new Map<number, Uint8Array[]>();

  /** of the nodes that start from now on */
  doppelganger: DoppelgangerOptions | undefined;
  /** L2 block at which the readers of nodes that start from now on are stuck */
  l2StuckAt: number | undefined;

  /** `narwhal`: with the real consensus instead of the fake order */
  constructor(options: WorldOptions & { narwhal?: boolean } = {}) {
    this.createConsensus = options.narwhal ? createEpochConsensus : this.order.create;
    const parameters = { epochLengthMs: BigInt(EPOCH_MS), ...options.parameters };
    this.world = new World({ nodes: 5, ...options, parameters });
    this.l2 = new FakeL2(this.clock, this.world.genesis, this.world.events);
  }

  /** `store`: what an earlier run left. `writes`: after so many the disk is gone. */
  async start(nodeId: number, store = new MemoryStore(), writes?: number): Promise<TestNode> {
    const node = new TestNode(this, nodeId, store, writes);
    this.nodes.set(nodeId, node);
    await node.chain.start().catch((error: unknown) => node.fatal.push(error));
    return node;
  }

  /** A second process with the keys of a node that may run; stop it by its chain. */
  async startCopy(nodeId: number, store: MemoryStore): Promise<TestNode> {
    const node = new TestNode(this, nodeId, store, undefined, true);
    await node.chain.start().catch((error: unknown) => node.fatal.push(error));
    return node;
  }

  async startAll(nodeIds: number[] = [1, 2, 3, 4, 5]): Promise<TestNode[]> {
    const nodes: TestNode[] = [];
    for (const nodeId of nodeIds) nodes.push(await this.start(nodeId));
    return nodes;
  }

  /** The process is gone at this moment; returns what is on its disk. */
  async crash(nodeId: number): Promise<MemoryStore> {
    const node = this.node(nodeId);
    node.store.left = 0;
    this.hub.leave(nodeId);
    const disk = node.store.inner.clone();
    let stopped = false;
    const stopping = node.chain.stop().finally(() => {
      stopped = true;
    });
    await this.until(`node ${nodeId} stopped`, () => stopped);
    await stopping;
    this.nodes.delete(nodeId);
    return disk;
  }

  /** Submits at a node and lets time pass until it is accepted there. */
  async submit(nodeId: number, transaction: Uint8Array): Promise<Uint8Array> {
    let done = false;
    const accepted = this.node(nodeId)
      .chain.submit(transaction)
      .finally(() => {
        done = true;
      });
    await this.until("accepted", () => done);
    return accepted;
  }

  node(nodeId: number): TestNode {
    const node = this.nodes.get(nodeId);
    if (!node) throw new Error(`node ${nodeId} does not run`);
    return node;
  }

  async until(what: string, condition: () => boolean | Promise<boolean>, maxMs = 120_000): Promise<void> {
    const end = this.clock.now() + maxMs;
    while (!(await condition())) {
      if (this.clock.now() > end)
        throw new Error(`not within ${maxMs} ms of virtual time: ${what}\n${this.#tell()}`);
      await this.clock.advance(20);
    }
  }

  #tell(): string {
    return [...this.nodes.values()]
      .flatMap(({ nodeId, chain, fatal, logger }) => [
        `node ${nodeId}: ${fatal.length === 0 ? JSON.stringify(chain.head(), (key, v) => (key.endsWith("Root") ? "" : v)) : fatal}`,
        ...logger.lines
          .slice(-8)
          .map(({ level, event, fields }) => `  ${level} ${event} ${Object.values(fields)}`),
      ])
      .join("\n");
  }

  epochs(epoch: number): Promise<void> {
    const all = () => [...this.nodes.values()].every((node) => node.chain.head().epoch >= epoch);
    return this.until(`all nodes in epoch ${epoch}`, all);
  }

  async stop(): Promise<void> {
    const stopping = Promise.all([...this.nodes.values()].map((node) => node.chain.stop()));
    await this.clock.advance(10_000);
    await stopping;
    await settle();
  }
}
