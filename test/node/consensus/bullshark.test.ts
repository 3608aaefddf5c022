import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Vertex } from "#node/consensus/dag.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { DagBuilder, type Order } from "./support/dag-builder.ts";
import { causalShuffle, numbersOf, randomDag } from "./support/random-dag.ts";

const coded = (code: string) => (error: unknown) => isFlkError(error, code);

test("the ideal case commits the first anchor with the round after it", () => {
  const dag = new DagBuilder(4);
  dag.rows(1, 3, dag.members());
  const order = dag.order().addAll(dag.made);
  assert.deepEqual(order.anchors(), [2]);
  const vertices = order.subDags[0]?.vertices ?? [];
  assert.deepEqual(
    vertices.map(({ round }) => round),
    [1, 1, 1, 1, 2],
  );
  assert.equal(vertices.at(-1)?.author, dag.leader(2));
});

test("f+1 links commit an anchor, f do not", () => {
  const dag = new DagBuilder(4);
  const leader = dag.leader(2);
  const second = dag.rows(1, 2, dag.members());
  const without = second.filter(({ author }) => author !== leader);
  const order = dag.order().addAll(dag.made);
  order.add(dag.vertex(3, 0, second));
  order.add(dag.vertex(3, 1, without));
  order.add(dag.vertex(3, 2, without));
  assert.deepEqual(order.anchors(), []);
  order.add(dag.vertex(3, 3, second));
  assert.deepEqual(order.anchors(), [2]);
});

test("with f dead authors only the anchors of living leaders commit", () => {
  for (let seed = 0; seed < 8; seed++) {
    const dag = new DagBuilder(4, seed);
    dag.rows(1, 11, dag.members(3));
    const alive = [2, 4, 6, 8, 10].filter((round) => dag.leader(round) !== 3);
    assert.deepEqual(dag.order().addAll(dag.made).anchors(), alive);
  }
});

test("an anchor with too little support is ordered later through a path, before the anchor that reaches it", () => {
  const dag = new DagBuilder(4);
  const leader = dag.leader(2);
  const second = dag.rows(1, 2, dag.members());
  const without = second.filter(({ author }) => author !== leader);
  const third = dag.members().map((author) => dag.vertex(3, author, author === 0 ? second : without));
  const fourth = dag.row(4, dag.members(), third);
  dag.row(5, dag.members(), fourth);
  assert.deepEqual(dag.order().addAll(dag.made).anchors(), [2, 4]);
});

test("an anchor that the next anchor does not reach is skipped, and its vertex stays out", () => {
  const dag = new DagBuilder(4);
  const leader = dag.leader(2);
  const second = dag.rows(1, 2, dag.members());
  const without = second.filter(({ author }) => author !== leader);
  const third = dag.row(3, dag.members(), without);
  dag.rows(4, 5, dag.members(), third);
  const order = dag.order().addAll(dag.made);
  assert.deepEqual(order.anchors(), [4]);
  assert(!order.sequence().includes(second.find(({ author }) => author === leader)?.id ?? ""));
});

test("a leader without a certificate is skipped", () => {
  const dag = new DagBuilder(4);
  const first = dag.rows(1, 1, dag.members());
  const second = dag.row(2, dag.members(dag.leader(2)), first);
  dag.rows(3, 5, dag.members(), second);
  assert.deepEqual(dag.order().addAll(dag.made).anchors(), [4]);
});

test("weak and missing anchors and garbage collection together give one order", () => {
  const dag = new DagBuilder(4, 2);
  let below = dag.rows(1, 1, dag.members());
  for (let round = 2; round <= 7; round++) {
    const silent = round === 4 ? dag.members(dag.leader(4)) : dag.members();
    const parents = round === 3 ? below.filter(({ author }) => author !== dag.leader(2)) : below;
    below = silent.map((author) => dag.vertex(round, author, author === 0 && round === 3 ? below : parents));
  }
  dag.rows(8, 11, dag.members(), below);
  const order = dag.order({ gcDepth: 8 }).addAll(dag.made);
  assert.deepEqual(order.anchors().at(-1), 10);
  assert(!order.anchors().includes(4));
  assert.equal(new Set(order.sequence()).size, order.sequence().length);
});

test("what nobody links to before its round is collected is never ordered", () => {
  const slow = 3;
  const rounds = [2, 4, 6, 8, 10];
  const seed = Array.from({ length: 50 }, (_, at) => at).find((at) => {
    const candidate = new DagBuilder(4, at);
    return rounds.every((round) => candidate.leader(round) !== slow);
  });
  const dag = new DagBuilder(4, seed);
  let below = dag.rows(1, 1, dag.members());
  const own: Vertex[] = [];
  for (let round = 2; round <= 9; round++) {
    own.push(...below.filter(({ author }) => author === slow));
    const others = below.filter(({ author }) => author !== slow);
    // its vertices link to everyone's, and theirs to it only from round 8 on
    below = dag
      .members()
      .map((author) => dag.vertex(round, author, author === slow || round >= 8 ? below : others));
  }
  const order = dag.order({ gcDepth: 4 }).addAll(dag.made);
  assert.deepEqual(order.anchors(), [2, 4, 6, 8]);
  const sequence = new Set(order.sequence());
  const ordered = own.filter(({ id }) => sequence.has(id)).map(({ round }) => round);
  assert.deepEqual(ordered, [5, 6, 7]);
});

test("a certificate of a collected round is refused", () => {
  const dag = new DagBuilder(4);
  dag.rows(1, 9, dag.members(3));
  const order = dag.order({ gcDepth: 4 }).addAll(dag.made);
  const late = dag.vertex(1, 3, []);
  assert.throws(() => order.dag.insert(late), coded("ERR_CERTIFICATE_TOO_OLD"));
});

test("a second certificate of one author and round is an error, the same one again is not", () => {
  const dag = new DagBuilder(4);
  const order = dag.order();
  const vertex = dag.vertex(1, 0, []);
  assert.equal(order.dag.insert(vertex), true);
  assert.equal(order.dag.insert(vertex), false);
  const other = dag.vertex(1, 0, [], { createdAt: 5 });
  assert.throws(() => order.dag.insert(other), coded("ERR_CERTIFICATE_EQUIVOCATION"));
});

test("a certificate is not stored before all its parents", () => {
  const dag = new DagBuilder(4);
  const first = dag.rows(1, 1, dag.members());
  const order = dag.order().addAll(first.slice(0, 2));
  assert.throws(() => order.dag.insert(dag.vertex(2, 0, first.slice(0, 3))), coded("ERR_PARENT_MISSING"));
});

test("a restart after every two rounds gives the same sequence", () => {
  const dag = new DagBuilder(4, 1);
  dag.rows(1, 20, dag.members());
  const whole = dag.order({ gcDepth: 8 }).addAll(dag.made);
  const sequence: string[] = [];
  let order = dag.order({ gcDepth: 8 });
  for (let round = 1; round <= 20; round++) {
    for (const vertex of dag.made.filter((made) => made.round === round)) order.add(vertex);
    if (round % 2 !== 0) continue;
    sequence.push(...order.sequence());
    const stored = dag.made.filter((made) => made.round <= round);
    order = dag.order({ gcDepth: 8, cursor: order.bullshark.cursor }).addAll(stored);
  }
  sequence.push(...order.sequence());
  assert.deepEqual(sequence, whole.sequence());
  assert.equal(whole.anchors().length, 9);
});

test("any causal order of arrival gives the same order, nothing twice, and one chain is a prefix of the other", () => {
  const cases = fc.record({
    seed: fc.integer({ min: 1, max: 2 ** 31 }),
    size: fc.constantFrom(4, 7, 10),
    rounds: fc.constantFrom(8, 10, 12, 15),
    gcDepth: fc.constantFrom(6, 7, 10),
    failing: fc.constantFrom(0.1, 0.33, 0.7),
  });
  const property = fc.property(cases, ({ seed, size, rounds, gcDepth, failing }) => {
    const numbers = numbersOf(seed);
    const dag = randomDag(size, { rounds, failing, numbers });
    const orders: Order[] = [];
    for (let i = 0; i < 5; i++) {
      orders.push(dag.order({ gcDepth }).addAll(causalShuffle(dag.made, numbers)));
    }
    const [first] = orders as [Order];
    for (const order of orders) {
      assert.deepEqual(order.sequence(), first.sequence());
      assert.deepEqual(order.anchors(), first.anchors());
    }
    assert.equal(new Set(first.sequence()).size, first.sequence().length);
    const part = dag.order({ gcDepth }).addAll(dag.made.filter(({ round }) => round <= rounds - 3));
    assert.deepEqual(first.sequence().slice(0, part.sequence().length), part.sequence());
  });
  fc.assert(property, { numRuns: 60 });
});
