import assert from "node:assert/strict";
import { test } from "node:test";
import { BitArray } from "@chainsafe/ssz";
import { CertifiedChain } from "#node/chain/attestation/certified-chain.ts";
import { BlockStore } from "#node/chain/import/block-store.ts";
import type { Block } from "#protocol/types/block.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";
import { silentLogger } from "#test/node/support/recording.ts";
import { World } from "#test/node/transition/support/world.ts";

const COUNT = 1_000;

class CountingStore extends MemoryStore {
  reads = 0;

  override get(...args: Parameters<MemoryStore["get"]>) {
    this.reads++;
    return super.get(...args);
  }
}

function certificate(index: number) {
  const root = new Uint8Array(32).fill(index % 256);
  const data = { epoch: 0, index, previous: root, blockRoot: root, stateRoot: root };
  return { data, signers: BitArray.fromBitLen(4), signature: new Uint8Array(96) };
}

function open(store: MemoryStore) {
  const blocks = new BlockStore(store);
  return { blocks, chain: new CertifiedChain({ store, blocks, logger: silentLogger, advanced: () => {} }) };
}

test("a node that followed walks only the newest certificates at its next start", async () => {
  const store = new CountingStore();
  const block: Block = new World().block().block;
  const { blocks, chain } = open(store);
  for (let height = 0; height < COUNT; height++) {
    await store.write([blocks.certificateWrite(height, certificate(height))]);
    chain.executed(height, block);
    await chain.add(height, certificate(height), true);
  }
  assert.equal(chain.height, COUNT - 1);
  store.reads = 0;
  const again = open(store).chain;
  await again.load(COUNT - 1);
  assert.equal(again.height, COUNT - 1);
  assert.ok(store.reads < 300, `${store.reads} reads`);
});

test("a long walk leaves time for other work", async () => {
  const store = new MemoryStore();
  const { blocks, chain } = open(store);
  for (let height = 0; height < COUNT; height++)
    await store.write([blocks.certificateWrite(height, certificate(height))]);
  let turns = 0;
  let loaded = false;
  const turn = () => {
    turns++;
    if (!loaded) setImmediate(turn);
  };
  setImmediate(turn);
  await chain.load(COUNT - 1);
  loaded = true;
  assert.equal(chain.height, COUNT - 1);
  assert.ok(turns > 5, `${turns} turns of others`);
});
