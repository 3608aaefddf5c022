import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ed25519Signer } from "#crypto";
import type { ChainView, HeadView, NodeView } from "#node/interface/chain-view.ts";
import { Meter } from "#node/reputation/meter.ts";
import { Reputation } from "#node/reputation/reputation.ts";
import type { Samples } from "#node/reputation/samples.ts";
import { SampleAnswer, SampleRequest } from "#node/reputation/wire.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { FlkError } from "#protocol/errors/error.ts";
import { decode } from "#protocol/types/codec.ts";
import type { PeerReport } from "#protocol/types/reputation.ts";
import { SignedTransaction, SubmitReputation, TX } from "#protocol/types/transactions.ts";
import { Rng } from "#scripts/bench/support/rng.ts";
import { VirtualClock } from "#test/node/chain/support/virtual-clock.ts";
import { RecordingMetrics, silentLogger } from "#test/node/support/recording.ts";
import { connect, FakeNetwork } from "./support/fake-network.ts";

const EPOCH_MS = 60_000;
const START = 1_000_000;
const NODES = [1, 2, 3, 4];
const BAD = 4;
const STRANGER = 9;
const context = networkContext(31337, "0x00000000000000000000000000000000000000f1");
const HASH = new Uint8Array(32).fill(7);
const CONTENT = Uint8Array.from({ length: 40_000 }, (_, i) => (i * 31) % 251);

const samples: Samples = {
  pick: async () => ({ hash: HASH, size: CONTENT.length }),
  read: async (hash, offset, length) => (hash[0] === 7 ? CONTENT.slice(offset, offset + length) : undefined),
};

/** Four nodes that observe each other, on one clock. */
class World {
  readonly clock = new VirtualClock(START);
  readonly ends = NODES.map((self) => new FakeNetwork(self, this.clock));
  readonly metrics = new RecordingMetrics();
  readonly submitted: Uint8Array[] = [];
  readonly parts: Reputation[];
  refusal: Error | undefined;
  refused = 0;
  observes = (self: number): number[] => NODES.filter((node) => node !== self);
  readonly #epochHandlers: ((closed: number) => void)[] = [];
  #head: HeadView;

  /** `clockOff`: ms that the clocks of the nodes are ahead of the chain's time */
  constructor(seed: number, samplesOf: (self: number) => Samples = () => samples, clockOff = 0) {
    const head = { blocks: 0, height: 0, blockRoot: HASH, stateRoot: HASH, l2Number: 0 };
    this.#head = { ...head, epoch: 0, time: START, epochEnd: START + EPOCH_MS - clockOff };
    connect(this.ends, this.clock, 5);
    const rng = new Rng(seed);
    this.parts = this.ends.map((network) => this.#part(network, rng, samplesOf(network.self)));
  }

  #part(network: FakeNetwork, rng: Rng, own: Samples): Reputation {
    const chain = {
      head: () => this.#head,
      place: () => undefined,
      status: () => undefined,
      parameter: () => BigInt(EPOCH_MS),
      nodes: () => [...NODES, STRANGER].map((nodeId) => ({ nodeId }) as NodeView),
      observed: (self: number) => (self === STRANGER ? [] : this.observes(self)),
      onEpoch: (handler: (closed: number) => void) => {
        this.#epochHandlers.push(handler);
        return () => void this.#epochHandlers.splice(this.#epochHandlers.indexOf(handler), 1);
      },
    } satisfies Partial<ChainView>;
    const submit = async (bytes: Uint8Array): Promise<Uint8Array> => {
      if (this.refusal) {
        this.refused++;
        throw this.refusal;
      }
      this.submitted.push(bytes);
      return HASH;
    };
    return new Reputation({
      ...{ context, self: network.self, network, samples: own, clock: this.clock, metrics: this.metrics },
      ...{ meter: new Meter(), random: () => rng.next(), logger: silentLogger },
      chain: chain as unknown as ChainView,
      pool: { submit, receipt: async () => undefined },
      signer: ed25519Signer(new Uint8Array(32).fill(network.self)),
    });
  }

  async epoch(): Promise<PeerReport[][]> {
    this.submitted.length = 0;
    await this.clock.advance(EPOCH_MS - 1);
    const reports = this.submitted.map((bytes) => {
      const { kind, payload } = SignedTransaction.deserialize(bytes);
      assert.equal(kind, TX.submitReputation);
      const report = decode(SubmitReputation, payload);
      assert.equal(report.epoch, this.#head.epoch);
      return report.peers;
    });
    await this.clock.advance(1);
    const { epoch } = this.#head;
    this.#head = { ...this.#head, epoch: epoch + 1, epochEnd: this.clock.now() + EPOCH_MS };
    for (const handler of [...this.#epochHandlers]) handler(epoch);
    return reports;
  }

  async start(): Promise<void> {
    for (const part of this.parts) await part.start();
  }

  async stop(): Promise<void> {
    const stopped = Promise.all(this.parts.map((part) => part.stop()));
    await this.clock.advance(10_000);
    await stopped;
  }
}

const corrupt: Samples = {
  ...samples,
  read: async (hash, offset, length) => {
    const bytes = await samples.read(hash, offset, length);
    if (bytes && offset % 5 === 0) bytes[0] = (bytes[0] as number) ^ 1;
    return bytes;
  },
};

describe("REP-MEASURE, REP-PROBE", () => {
  it("reports once an epoch, before its end, what each node saw of all others", async () => {
    const world = new World(1);
    await world.start();
    for (let epoch = 0; epoch < 2; epoch++) {
      const reports = await world.epoch();
      assert.equal(reports.length, NODES.length);
      for (const peers of reports) {
        assert.equal(peers.length, NODES.length - 1);
        for (const peer of peers) {
          assert.ok(peer.probes > 5 && peer.reached === peer.probes, JSON.stringify(peer));
          assert.ok(peer.answered > 5 && peer.failed + peer.wrong === 0);
          assert.equal(peer.latencyUs, 5_000);
          assert.ok(peer.throughput > 100);
        }
      }
    }
    await world.stop();
  });

  it("sees wrong answers of a node that corrupts some, and of no other", async () => {
    const world = new World(2, (self) => (self === BAD ? corrupt : samples));
    await world.start();
    const [first] = await world.epoch();
    for (const { node, wrong } of first ?? assert.fail()) assert.equal(wrong > 0, node === BAD);
    await world.stop();
  });

  it("takes no speed from wrong answers", async () => {
    const wrong = { ...samples, read: async () => new Uint8Array(16_384).fill(255) };
    const world = new World(13, (self) => (self === BAD ? wrong : samples));
    await world.start();
    const [first] = await world.epoch();
    for (const { node, throughput } of first ?? assert.fail()) assert.equal(throughput === 0, node === BAD);
    await world.stop();
  });

  it("sees who is gone, and stays silent when it reaches nobody itself", async () => {
    const world = new World(3);
    await world.start();
    world.ends[3]?.handlers.clear();
    const reports = await world.epoch();
    assert.equal(reports.length, 4);
    const gone = reports[0]?.find(({ node }) => node === BAD);
    assert.ok(gone && gone.probes > 0 && gone.reached === 0 && gone.failed > 0);
    for (const end of world.ends) end.handlers.clear();
    assert.deepEqual(await world.epoch(), []);
    await world.stop();
  });

  it("measures the same when the time of day is set forward and back in the middle of answers", async () => {
    const [still, stepped] = [new World(14), new World(14)];
    for (const end of stepped.ends) {
      const answer = end.answer;
      let answers = 0;
      end.answer = async (to, channel, message) => {
        const bytes = await answer(to, channel, message);
        stepped.clock.step(answers++ % 2 === 0 ? 40_000 : -40_000);
        return bytes;
      };
    }
    for (const world of [still, stepped]) await world.start();
    assert.deepEqual(await stepped.epoch(), await still.epoch());
    for (const world of [still, stepped]) await world.stop();
  });

  it("asks at times that cannot be foreseen, and nobody more than another", async () => {
    const world = new World(4);
    await world.start();
    await world.epoch();
    const asked = world.ends[0]?.asked ?? [];
    const times = new Map<number, number>();
    for (const { to } of asked) times.set(to, (times.get(to) ?? 0) + 1);
    const counts = [...times.values()];
    assert.equal(counts.length, 3);
    assert.ok(Math.min(...counts) > Math.max(...counts) / 2, String(counts));
    const gaps = asked.slice(1).map(({ at }, i) => at - (asked[i]?.at ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    assert.ok(Math.sqrt(variance) > mean / 2, "the gaps are even");
    await world.stop();
  });

  it("hands a report in again that the pool refused, and gives up with its epoch", async () => {
    const world = new World(5);
    world.refusal = new FlkError("ERR_POOL_FULL", "later");
    await world.start();
    await world.clock.advance(EPOCH_MS * 0.95);
    world.refusal = undefined;
    const reports = await world.epoch();
    assert.equal(reports.length, NODES.length);
    await world.stop();
  });

  it("does not hand in again what can never be taken: a report of before a restart is there, the epoch is over, or it is wrong", async () => {
    for (const code of [
      "ERR_REPORT_REPEATED",
      "ERR_REPORT_EPOCH",
      "ERR_REPORT_SUBJECT",
      "ERR_REPORT_RANGE",
    ]) {
      const world = new World(12);
      world.refusal = new FlkError(code, "no");
      await world.start();
      await world.epoch();
      assert.equal(world.refused, NODES.length, code);
      await world.stop();
    }
  });

  it("a clock that is years behind still reports within an epoch's time", async () => {
    const world = new World(10, () => samples, -1e11);
    await world.start();
    assert.equal((await world.epoch()).length, NODES.length);
    await world.stop();
  });

  it("a clock that is set ahead for good before an epoch makes it report so much earlier, once", async () => {
    const world = new World(12, () => samples, EPOCH_MS / 2);
    await world.start();
    await world.clock.advance(EPOCH_MS * 0.375 - 1);
    assert.equal(world.submitted.length, 0);
    await world.clock.advance(EPOCH_MS * 0.125 + 1);
    assert.equal(world.submitted.length, NODES.length);
    await world.clock.advance(EPOCH_MS / 2);
    assert.equal(world.submitted.length, NODES.length);
    await world.stop();
  });

  it("an epoch that is over before it begins, by its length or a clock that jumped ahead, is passed in silence", async () => {
    const world = new World(11, () => samples, 1e11);
    await world.start();
    assert.deepEqual(await world.epoch(), []);
    assert.equal((await world.epoch()).length, NODES.length);
    await world.stop();
  });

  it("stops: nothing is asked any more", async () => {
    const world = new World(6);
    await world.start();
    await world.clock.advance(5_000);
    await world.stop();
    const before = world.ends.map(({ asked }) => asked.length);
    await world.clock.advance(EPOCH_MS);
    assert.deepEqual(
      world.ends.map(({ asked }) => asked.length),
      before,
    );
  });

  it("answers for what it holds only, never more than a sample, and refuses garbage", async () => {
    const world = new World(7);
    await world.start();
    const handler = world.ends[0]?.handlers.get("probe") ?? assert.fail();
    const ask = async (hash: Uint8Array, length: number) =>
      decode(SampleAnswer, await handler(2, SampleRequest.serialize({ hash, offset: 0, length })));
    assert.equal((await ask(HASH, 2 ** 32 - 1)).bytes.length, 16_384);
    assert.deepEqual(await ask(new Uint8Array(32), 10), { held: 0, bytes: new Uint8Array() });
    assert.deepEqual(await ask(HASH, 0), { held: 1, bytes: new Uint8Array() });
    await assert.rejects(handler(2, new Uint8Array(3)), { code: "ERR_DECODE" });
    await world.stop();
  });

  it("gives content to observers of this epoch and the last, so often, and a sign of life to anybody", async () => {
    const world = new World(8);
    await world.start();
    const handler = world.ends[0]?.handlers.get("probe") ?? assert.fail();
    const held = async (from: number, length: number) =>
      decode(SampleAnswer, await handler(from, SampleRequest.serialize({ hash: HASH, offset: 0, length })))
        .held;
    const samples = async (from: number): Promise<number> => {
      let got = 0;
      for (let i = 0; i < 500; i++) got += await held(from, 10);
      return got;
    };
    assert.deepEqual([await held(STRANGER, 10), await held(STRANGER, 0)], [0, 1]);
    assert.equal(await samples(2), 96);
    assert.deepEqual([await samples(3), await held(2, 0)], [96, 1]);
    world.observes = (self) => (self === 4 ? [1] : []);
    await world.epoch();
    assert.ok((await samples(4)) > 96, "observes it again, and has some left of the epoch before");
    assert.deepEqual([await samples(2), await samples(STRANGER)], [0, 0]);
    await world.stop();
  });

  it("an observer of the epoch before, whose clock is behind, still gets what it had left", async () => {
    const world = new World(9);
    await world.start();
    const handler = world.ends[0]?.handlers.get("probe") ?? assert.fail();
    const request = SampleRequest.serialize({ hash: HASH, offset: 0, length: 10 });
    const held = async () => decode(SampleAnswer, await handler(2, request)).held;
    world.observes = () => [];
    await world.epoch();
    assert.equal(await held(), 1);
    await world.epoch();
    assert.equal(await held(), 0);
    await world.stop();
  });
});
