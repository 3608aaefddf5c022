import assert from "node:assert/strict";
import { test } from "node:test";
import { blake3 } from "#crypto";
import { tagged } from "#node/chain/channel-mux.ts";
import { PendingBatches } from "#node/chain/narwhal/pending-batches.ts";
import { Tasks } from "#node/chain/narwhal/tasks.ts";
import { BATCH_TAG } from "#node/chain/narwhal/worker.ts";
import { CommitteeView } from "#node/consensus/committee.ts";
import { Dag } from "#node/consensus/dag.ts";
import { compareRefs, epochRules } from "#node/consensus/header.ts";
import { makeHeader } from "#node/consensus/make-header.ts";
import { refKey } from "#node/consensus/own-payload.ts";
import { TAG } from "#node/consensus/wire.ts";
import type { Network } from "#node/interface/network.ts";
import { FlkError } from "#protocol/errors/error.ts";
import { MIN_TRANSACTION_BYTES } from "#protocol/params/limits.ts";
import { Batch, type BatchRef, SignedHeader } from "#protocol/types/consensus.ts";
import { mockSigner, mockVerifier } from "#test/node/chain/support/mock-crypto.ts";
import { SimProcess } from "#test/simulation/support/sim-process.ts";
import { Simulation } from "#test/simulation/support/simulation.ts";

const REFS = 100;

/** One honest member, which waits in round 1, and three whose messages the test makes. */
async function surrounded() {
  const simulation = new Simulation({ seed: 3, size: 4 });
  simulation.signs.observe = () => {};
  const [node, ...others] = simulation.nodes;
  assert(node);
  const fetches: { to: number; digest: string }[] = [];
  const batches = new Map<string, Uint8Array>();
  const networks: Network[] = others.map(({ id }) => {
    const network = simulation.hub.join(id, new SimProcess(simulation.clock));
    network.onRequest("batch", async (_, message) => {
      const digest = Buffer.from(message.subarray(2)).toString("hex");
      if (message[0] === BATCH_TAG.fetch) fetches.push({ to: id, digest });
      const batch = batches.get(digest);
      if (!batch) throw new FlkError("ERR_BATCH_UNKNOWN", "not here");
      return batch;
    });
    return network;
  });
  await simulation.start([node]);
  await simulation.run(500);
  const { context, committee, opening, seed } = simulation.epoch;
  const rules = epochRules(
    context.networkId,
    new CommitteeView(context.networkId, committee, seed),
    seed,
    opening,
    mockVerifier,
  );
  const header = (author: number, payload: BatchRef[]) => {
    const key = committee.members.find(({ nodeId }) => nodeId === author)?.consensusKey;
    assert(key);
    const own = { round: 1, author, payload: payload.sort(compareRefs), checkpoints: [], attestations: [] };
    const dag = new Dag(new Set(rules.genesis.keys()));
    const { signed } = makeHeader(rules, mockSigner(key), dag, own, simulation.clock.now());
    networks
      .find(({ self }) => self === author)
      ?.send(node.id, "consensus", tagged(TAG.header, SignedHeader.serialize(signed)));
  };
  return { simulation, node, others: others.map(({ id }) => id), fetches, batches, header };
}

function unknown(name: string, count = REFS): BatchRef[] {
  return Array.from({ length: count }, (_, i) => ({
    worker: 0,
    digest: blake3(new TextEncoder().encode(`${name} ${i}`)),
  }));
}

test("header after header that names batches that are nowhere costs few requests, and none once it is replaced", async () => {
  const { simulation, node, others, fetches, header } = await surrounded();
  const [hostile] = others;
  assert(hostile);
  for (let i = 0; i < 10; i++) {
    header(hostile, unknown(`header ${i}`));
    await simulation.run(300);
  }
  assert(fetches.length > 0);
  assert(fetches.length < 1000, `${fetches.length} requests in 3 s`);
  header(hostile, []);
  await simulation.run(300);
  fetches.length = 0;
  await simulation.run(30_000);
  assert.deepEqual(fetches, []);
  assert.deepEqual(node.fatal, []);
});

test("a member's header that names batches that are nowhere does not keep another's batches from being fetched", async () => {
  const { simulation, node, others, batches, header } = await surrounded();
  const [hostile, honest] = others;
  assert(hostile && honest);
  const real = Array.from({ length: 20 }, (_, sequence) => {
    const transactions = [new Uint8Array(MIN_TRANSACTION_BYTES).fill(sequence)];
    const bytes = Batch.serialize({ epoch: 7, author: honest, worker: 0, sequence, transactions });
    batches.set(Buffer.from(blake3(bytes)).toString("hex"), bytes);
    return { worker: 0, digest: blake3(bytes) };
  });
  // the hostile one names the same batches behind others, and takes its header back: the fetches go on for the honest one
  header(hostile, [...unknown("first", 5), ...real]);
  await simulation.run(5);
  header(honest, [...real]);
  await simulation.run(5);
  header(hostile, unknown("second"));
  await simulation.run(3000);
  const stored = [];
  for await (const [, value] of node.disk.iterate("batch")) stored.push(value);
  assert.equal(stored.length, real.length);
});

test("a batch that breaks the rules is blamed on the author whose header names it, other bytes on who sent them", async () => {
  const { simulation, node, others, batches, header } = await surrounded();
  const [hostile, relayer] = others;
  assert(hostile && relayer);
  const transactions = [new Uint8Array(MIN_TRANSACTION_BYTES)];
  const foreign = Batch.serialize({ epoch: 8, author: hostile, worker: 0, sequence: 1, transactions });
  batches.set(Buffer.from(blake3(foreign)).toString("hex"), foreign);
  const [swapped] = unknown("swapped", 1);
  assert(swapped);
  batches.set(Buffer.from(swapped.digest).toString("hex"), foreign);
  header(hostile, [{ worker: 0, digest: blake3(foreign) }, swapped]);
  await simulation.run(3_000);
  const blamed = (peer: number, reason: string) =>
    node.metrics.value("flk_rejected_messages_total", { peer: String(peer), reason });
  assert(blamed(hostile, "ERR_BATCH_FORM") > 1, "by whomever it was sent");
  assert.equal(blamed(relayer, "ERR_BATCH_FORM"), 0);
  assert(blamed(relayer, "ERR_BATCH_DIGEST") > 0);
});

test("what a waiting header lacks again is fetched again, and what is on its way is not", async () => {
  const fetched: string[] = [];
  const ends: (() => void)[] = [];
  const attempt = (ref: BatchRef) => {
    fetched.push(refKey(ref));
    const batch = new Promise<object>((resolve) => ends.push(() => resolve({})));
    return { id: refKey(ref), batch };
  };
  const tasks = new Tasks((error) => assert.fail(String(error)));
  const pending = new PendingBatches(
    { attempt, stopped: false } as never,
    { has: () => false } as never,
    tasks,
  );
  const [one, two] = unknown("header", 2);
  assert(one && two);
  pending.want(1, "header", [one, two]);
  pending.want(1, "header", [one, two]);
  assert.deepEqual(fetched, [one, two].map(refKey));
  for (const end of ends) end();
  await tasks.idle();
  pending.want(1, "header", [two]);
  assert.deepEqual(fetched.slice(2), [refKey(two)]);
});
