import assert from "node:assert/strict";
import { test } from "node:test";
import { blake3 } from "#crypto";
import { BatchFetcher } from "#node/chain/narwhal/batch-fetcher.ts";
import { BatchStore } from "#node/chain/narwhal/batch-store.ts";
import { Committer } from "#node/chain/narwhal/committer.ts";
import type { Vertex } from "#node/consensus/dag.ts";
import type { CommittedSubDag } from "#node/interface/consensus.ts";
import { MIN_TRANSACTION_BYTES } from "#protocol/params/limits.ts";
import { Batch } from "#protocol/types/consensus.ts";
import { epochParts } from "#test/node/chain/support/epoch-parts.ts";
import { settle } from "#test/node/chain/support/virtual-clock.ts";
import { DagBuilder, EPOCH } from "#test/node/consensus/support/dag-builder.ts";
import { NOW } from "#test/node/consensus/support/peers.ts";

function batchOf(sequence: number, fill: number) {
  const transactions = [new Uint8Array(MIN_TRANSACTION_BYTES).fill(fill)];
  const bytes = Batch.serialize({ epoch: EPOCH, author: 1, worker: 0, sequence, transactions });
  return { bytes, ref: { worker: 0, digest: blake3(bytes) } };
}

test("a batch that several certificates name is executed once: in one sub-DAG, in a later one, and after a restart", async () => {
  const [shared, other] = [batchOf(1, 7), batchOf(2, 8)];
  const dag = new DagBuilder(4);
  const first = dag.members().map((author) => dag.vertex(1, author, [], { payload: [shared.ref] }));
  let below: Vertex[] = dag.row(2, dag.members(), first);
  below = dag.members().map((author) => dag.vertex(3, author, below, { payload: [shared.ref, other.ref] }));
  dag.rows(4, 7, dag.members(), below);
  const { subDags } = dag.order().addAll(dag.made);
  assert.equal(subDags.length, 3);

  const { disk, deps, mux, fatal } = epochParts(dag.rules, NOW, async () => new Uint8Array());
  const executed: CommittedSubDag[] = [];
  const committer = async () => {
    const batches = new BatchStore(disk, EPOCH);
    for (const { ref, bytes } of [shared, other]) await batches.put(ref, bytes);
    const onCommit = async (subDag: CommittedSubDag) => {
      executed.push(subDag);
      await disk.write(subDag.cursor);
      return { closed: false };
    };
    const fetcher = new BatchFetcher(deps, mux, batches, () => {});
    return new Committer(deps, batches, fetcher, onCommit, () => {});
  };
  const before = await committer();
  for (const subDag of subDags.slice(0, 1)) before.push(subDag, 0);
  await settle();
  await before.idle();
  const after = await committer();
  for (const subDag of subDags) after.push(subDag, 0);
  await settle();
  await after.idle();
  assert.deepEqual(fatal, []);
  const fills = executed.map(({ input }) => input.transactions.map((bytes) => bytes[0]));
  assert.deepEqual(fills, [[7], [7], [8], []], "the first is emitted again, with what it had");
});
