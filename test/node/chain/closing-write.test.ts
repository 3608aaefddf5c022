import assert from "node:assert/strict";
import { test } from "node:test";
import { BitArray } from "@chainsafe/ssz";
import { attestationData } from "#node/chain/attestation/certificate.ts";
import { ChainCore } from "#node/chain/core.ts";
import { DEFAULT_TIMING } from "#node/chain/narwhal/epoch-consensus.ts";
import type { ChainOptions } from "#node/chain/options.ts";
import type { SigningGuard } from "#node/interface/consensus.ts";
import type { Store, Write } from "#node/interface/store.ts";
import { attestationMessage } from "#protocol/digests/consensus.ts";
import { Block } from "#protocol/types/block.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";
import { RecordingMetrics, recordingLogger } from "#test/node/support/recording.ts";
import { FakeReader } from "./support/fake-l2.ts";
import { mockSigner, mockVerifier } from "./support/mock-crypto.ts";
import { POSTER_STEP_MS, TestNet } from "./support/net.ts";
import { settle } from "./support/virtual-clock.ts";

/** A disk that can be made to keep a write under way. */
class SlowStore extends MemoryStore {
  #gate: Promise<void> = Promise.resolve();

  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return resolve;
  }

  override async write(batch: readonly Write[]): Promise<void> {
    await this.#gate;
    await super.write(batch);
  }
}

function coreOf(net: TestNet, store: Store, options: Partial<ChainOptions> = {}): ChainCore {
  const self = options.self ?? 5;
  return new ChainCore({
    context: net.world.network,
    self,
    signers: [mockSigner(net.world.node(self).consensus.publicKey)],
    verifier: mockVerifier,
    network: net.hub.join(self),
    store,
    clock: net.clock,
    l2: new FakeReader(net.l2),
    logger: recordingLogger(),
    metrics: new RecordingMetrics(),
    timing: DEFAULT_TIMING,
    posterStepMs: POSTER_STEP_MS,
    createConsensus: net.createConsensus,
    onFatal: (error) => assert.fail(String(error)),
    ...options,
  });
}

test("a commit certificate that comes while the closing block is on its way to the disk is checked and kept", async () => {
  const net = new TestNet();
  const store = new SlowStore();
  const core = coreOf(net, store);
  await core.start({ advanced: () => undefined, wake: () => undefined });
  const { block } = net.world.block();
  const { epochEnd } = net.world.state;
  const committee = net.world.state.committee();
  await core.importer.commit(block.input, []);
  const closing = net.world.block({ time: epochEnd }).block;
  assert.equal(closing.closes, 1);

  const release = store.hold();
  const closed = core.importer.commit(closing.input, []);
  await settle();
  const data = attestationData(block, Block.hashTreeRoot(block));
  const message = attestationMessage(net.world.network.networkId, data);
  const signatures = committee.members.map((member) => mockSigner(member.consensusKey).sign(message));
  const signers = BitArray.fromBoolArray(committee.members.map(() => true));
  const imported = core.importCertificate(0, {
    data,
    signers,
    signature: mockVerifier.aggregate(signatures),
  });
  await settle();
  release();
  await Promise.all([imported, closed]);
  await core.certified.idle();
  assert.equal(core.certified.height, 0);
  await core.stop();
});

test("a member whose listening ends while the closing block is on its way to the disk gives its share", async () => {
  const net = new TestNet();
  const store = new SlowStore();
  let guard: SigningGuard | undefined;
  const core = coreOf(net, store, {
    self: 1,
    doppelganger: { windowMs: 1_000 },
    createConsensus: (options) => {
      guard = options.guard;
      return net.createConsensus(options);
    },
  });
  await core.start({ advanced: () => undefined, wake: () => undefined });
  await core.runner.reconcile();
  const release = store.hold();
  const closing = net.world.block({ time: net.world.state.epochEnd }).block;
  const closed = core.importer.commit(closing.input, []);
  await settle();
  (guard ?? assert.fail()).clear();
  await settle();
  release();
  assert.equal((await closed).closed, true);
  assert.equal(core.settler.waiting()?.own?.node, 1);
  await core.stop();
});
