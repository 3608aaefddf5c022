import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_TIMING } from "#node/chain/narwhal/epoch-consensus.ts";
import { advances, HEADER_BATCH_THRESHOLD, parentRound, proposalDue } from "#node/consensus/proposer.ts";
import { DagBuilder, type Order } from "./support/dag-builder.ts";

const advanced = (order: Order, round: number): boolean =>
  advances(order.dag, order.committee, (led) => order.bullshark.leader(led), round);

test("the next header waits for a quorum of parents and jumps to the highest round that has one", () => {
  const dag = new DagBuilder(4);
  const order = dag.order();
  assert.equal(parentRound(order.dag, dag.committee, 0), 0);
  const first = dag.rows(1, 1, dag.members());
  order.addAll(first.slice(0, 2));
  assert.equal(parentRound(order.dag, dag.committee, 1), undefined);
  order.addAll(first.slice(2));
  assert.equal(parentRound(order.dag, dag.committee, 1), 1);
  const before = dag.made.length;
  dag.rows(2, 4, dag.members(), first);
  order.addAll(dag.made.slice(before));
  assert.equal(parentRound(order.dag, dag.committee, 1), 4);
  assert.equal(parentRound(order.dag, dag.committee, 5), undefined);
});

test("after an even round it waits for the leader's certificate", () => {
  const dag = new DagBuilder(4);
  const leader = dag.leader(2);
  const second = dag.rows(1, 2, dag.members());
  const order = dag
    .order()
    .addAll(dag.made.filter((vertex) => vertex.round === 1 || vertex.author !== leader));
  assert.equal(advanced(order, 2), false);
  order.addAll(second.filter(({ author }) => author === leader));
  assert.equal(advanced(order, 2), true);
});

test("after an odd round f+1 links to the leader, 2f+1 without one, or no leader let it go on", () => {
  const dag = new DagBuilder(4);
  const leader = dag.leader(2);
  const second = dag.rows(1, 2, dag.members());
  const without = second.filter(({ author }) => author !== leader);
  const linked = dag.order().addAll(dag.made);
  assert.equal(advanced(linked, 3), false);
  linked.add(dag.vertex(3, 0, second));
  assert.equal(advanced(linked, 3), false);
  linked.add(dag.vertex(3, 1, second));
  assert.equal(advanced(linked, 3), true);

  const unlinked = dag.order().addAll(dag.made.filter(({ round }) => round <= 2));
  for (const author of [0, 1]) unlinked.add(dag.vertex(3, author, without));
  assert.equal(advanced(unlinked, 3), false);
  unlinked.add(dag.vertex(3, 2, without));
  assert.equal(advanced(unlinked, 3), true);

  const absent = dag
    .order()
    .addAll(dag.made.filter((vertex) => vertex.round === 1 || without.includes(vertex)));
  assert.equal(advanced(absent, 3), true);
});

test("delays: minimum under load, slower when idle, maximum without the leader, at once for a leader or many batches", () => {
  const base = { timing: DEFAULT_TIMING, lastAt: 1000, advance: true, batches: 0, busy: true, leads: false };
  assert.equal(proposalDue(base), 1150);
  assert.equal(proposalDue({ ...base, busy: false }), 1500);
  assert.equal(proposalDue({ ...base, advance: false }), 1800);
  assert.equal(proposalDue({ ...base, advance: false, leads: true }), 1400);
  assert.equal(proposalDue({ ...base, leads: true }), 1000);
  assert.equal(proposalDue({ ...base, batches: HEADER_BATCH_THRESHOLD }), 1000);
});
