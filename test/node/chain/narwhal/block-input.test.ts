import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { blockInput, blockTime } from "#node/chain/narwhal/block-input.ts";
import { CommitteeView } from "#node/consensus/committee.ts";
import type { Vertex } from "#node/consensus/dag.ts";
import type { Batch } from "#protocol/types/consensus.ts";
import { committeeOf, DagBuilder, NETWORK_ID } from "#test/node/consensus/support/dag-builder.ts";

const batch = (...transactions: number[]): Batch => ({
  epoch: 3,
  author: 0,
  worker: 0,
  sequence: 1,
  transactions: transactions.map((byte) => Uint8Array.of(byte)),
});

test("the time of a block is the median of the parents' creation, weighted by power", () => {
  const dag = new DagBuilder(4);
  const parents = [10, 20, 30, 40].map((createdAt, author) => dag.vertex(1, author, [], { createdAt }));
  const anchor = dag.vertex(2, dag.leader(2), parents, { createdAt: 99 });
  assert.equal(blockTime(dag.committee, anchor, parents), 20);
  assert.equal(blockTime(dag.committee, anchor, parents.slice(0, 3)), 20);
  assert.equal(blockTime(dag.committee, anchor, []), 99);
  const weighted = new CommitteeView(NETWORK_ID, committeeOf([1, 1, 1, 5]), dag.rules.seed);
  assert.equal(blockTime(weighted, anchor, parents), 40);
});

test("a transaction that is in two batches of a sub-DAG is executed once, in the place of the first", () => {
  const dag = new DagBuilder(4);
  dag.rows(1, 3, dag.members());
  const [subDag] = dag.order().addAll(dag.made).subDags;
  assert(subDag);
  const input = blockInput(dag.committee, subDag, 5, [batch(3, 1), batch(1, 2), batch(3)]);
  assert.deepEqual(
    input.transactions.map(([byte]) => byte),
    [3, 1, 2],
  );
  assert.equal(input.anchorRound, 2);
  assert.equal(input.anchorAuthor, dag.leader(2));
  assert.deepEqual(input.beacon, subDag.anchor.certificate.header.header.beacon[0]);
});

test("whatever transactions end in, those with the same bytes are one and all others are kept", () => {
  const dag = new DagBuilder(4);
  dag.rows(1, 3, dag.members());
  const [subDag] = dag.order().addAll(dag.made).subDags;
  assert(subDag);
  const end = fc.constantFrom(
    [],
    [1],
    [1, 2, 3, 4, 5, 6, 7, 8, 27],
    [1, 2, 3, 4, 5, 6, 7, 8, 28],
    [1, 2, 3, 9, 5, 6, 7, 8, 27],
  );
  const transaction = fc
    .tuple(fc.array(fc.nat(1), { maxLength: 3 }), end)
    .map(([start, last]) => Uint8Array.from([...start, ...last]));
  fc.assert(
    fc.property(fc.array(fc.array(transaction, { maxLength: 8 }), { maxLength: 4 }), (batches) => {
      const made = batches.map((transactions) => ({ ...batch(), transactions }));
      const { transactions } = blockInput(dag.committee, subDag, 5, made);
      const text = (bytes: Uint8Array) => bytes.join();
      assert.deepEqual(transactions.map(text), [...new Set(batches.flat().map(text))]);
    }),
    { seed: 17, numRuns: 500 },
  );
});

test("a member's reports of one checkpoint count once in a sub-DAG: the first", () => {
  const dag = new DagBuilder(4);
  const checkpoint = (number: number, fill: number) => ({ number, hash: new Uint8Array(32).fill(fill) });
  let below: Vertex[] = [];
  for (let round = 1; round <= 7; round++) {
    // nobody supports the leaders before the last one, so that one sub-DAG has many rounds
    const parents = below.filter(({ author }) => author !== dag.leader(round - 1) || round === 7);
    const checkpoints = [checkpoint(5, round), checkpoint(10, round), checkpoint(5 + 10 * round, 0)];
    below = dag.members().map((author) => dag.vertex(round, author, parents, { checkpoints }));
  }
  const subDag = dag.order().addAll(dag.made).subDags.at(-1);
  assert(subDag);
  assert(subDag.vertices.length > 4);
  const { reports } = blockInput(dag.committee, subDag, 5, []);
  const ids = reports.map(({ node, checkpoint: { number } }) => `${node}/${number}`);
  assert.equal(new Set(ids).size, ids.length);
  const rounds = new Map<number, number>();
  for (const { author, round } of subDag.vertices)
    rounds.set(author, Math.min(round, rounds.get(author) ?? round));
  for (const { node, checkpoint } of reports.filter((report) => report.checkpoint.number === 5)) {
    assert.equal(checkpoint.hash[0], rounds.get(node));
  }
  assert.equal(reports.length, 2 * rounds.size + subDag.vertices.length);
});
