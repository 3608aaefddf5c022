import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Vertex } from "#node/consensus/dag.ts";
import {
  afterCommit,
  COMMITS_PER_SCHEDULE,
  FIRST_SCHEDULE,
  type LeaderSchedule,
  leaderIn,
} from "#node/consensus/leader-schedule.ts";
import { decodeCursor, encodeCursor } from "#node/consensus/records.ts";
import { DagBuilder, type Order, rulesOf } from "./support/dag-builder.ts";
import { naiveAnchors } from "./support/naive-order.ts";
import { causalShuffle, numbersOf, randomDag } from "./support/random-dag.ts";

const K = COMMITS_PER_SCHEDULE;

/** The schedule after one in which each member got `scores[nodeId]` votes. */
function scheduleAfter(powers: readonly number[], scores: readonly number[]): LeaderSchedule {
  const { committee } = rulesOf(powers.length, 0, powers);
  let schedule = FIRST_SCHEDULE;
  for (let commit = 0; commit < K; commit++) {
    const voters = committee.nodeIds.filter((nodeId) => commit < (scores[nodeId] ?? 0));
    schedule = afterCommit(committee, schedule, voters);
  }
  assert.equal(schedule.number, 1);
  return schedule;
}

const schedules = (order: Order) => order.subDags.map(({ cursor }) => cursor.schedule);

test("the lowest scores are swapped for the highest, up to f, and only below half of the best", () => {
  const seven = Array.from({ length: 7 }, () => 1);
  const swapped = scheduleAfter(seven, [20, 0, 19, 5, 18, 4, 17]);
  assert.deepEqual(
    [swapped.swappedOut, swapped.swappedIn],
    [
      [1, 5],
      [0, 2],
    ],
  );
  const one = scheduleAfter(seven, [20, 9, 19, 12, 18, 11, 10]);
  assert.deepEqual([one.swappedOut, one.swappedIn], [[1], [0]]);
  const none = scheduleAfter(seven, [20, 10, 19, 12, 18, 11, 10]);
  assert.deepEqual([none.swappedOut, none.swappedIn], [[], []]);
  const silent = scheduleAfter(seven, []);
  assert.deepEqual([silent.swappedOut, silent.swappedIn], [[], []]);
});

test("equal scores are ordered by a draw that changes with each schedule", () => {
  const { committee } = rulesOf(10);
  const first = new Set<string>();
  let schedule = FIRST_SCHEDULE;
  for (let commit = 0; commit < 12 * K; commit++) {
    schedule = afterCommit(committee, schedule, [0, 1, 2, 3, 4]);
    if (schedule.commits > 0) continue;
    assert.equal(schedule.swappedOut.length, 3);
    assert(schedule.swappedOut.every((nodeId) => nodeId >= 5));
    assert(schedule.swappedIn.every((nodeId) => nodeId < 5));
    first.add(`${schedule.swappedOut}`);
  }
  assert(first.size > 6);
});

test("power bounds what is swapped out: never more than f together, and as much comes in", () => {
  const swapped = scheduleAfter([1, 1, 1, 5], [20, 1, 20, 0]);
  assert.deepEqual([swapped.swappedOut, swapped.swappedIn.length], [[1], 1]);
  const scores = fc.array(fc.nat(K), { minLength: 10, maxLength: 10 });
  const powers = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 10, maxLength: 10 });
  fc.assert(
    fc.property(powers, scores, (power, score) => {
      const { swappedOut, swappedIn } = scheduleAfter(power, score);
      const { committee } = rulesOf(10, 0, power);
      const sum = (nodeIds: readonly number[]) =>
        nodeIds.reduce((total, nodeId) => total + committee.powerOf(nodeId), 0);
      assert(sum(swappedOut) <= committee.total - committee.quorum);
      const scoreOf = (nodeId: number) => score[nodeId] ?? 0;
      const worst = Math.min(...swappedIn.map(scoreOf));
      assert(swappedOut.every((nodeId) => scoreOf(nodeId) < worst));
      assert.equal(swappedIn.length > 0, swappedOut.length > 0);
    }),
  );
});

test("only the rounds of those who are swapped out change hands, and go to those who are swapped in by power", () => {
  const powers = [1, 1, 1, 1, 2, 4];
  const { committee } = rulesOf(6, 0, powers);
  const schedule: LeaderSchedule = { ...FIRST_SCHEDULE, number: 1, swappedOut: [0, 1], swappedIn: [3, 4] };
  const counts = new Map<number, number>();
  for (let round = 2; round <= 12_000; round += 2) {
    const elected = committee.elected(round) as number;
    const leader = leaderIn(committee, schedule, round) as number;
    if (elected > 1) assert.equal(leader, elected);
    else counts.set(leader, (counts.get(leader) ?? 0) + 1);
  }
  assert.deepEqual([...counts.keys()].sort(), [3, 4]);
  const [three, four] = [counts.get(3) ?? 0, counts.get(4) ?? 0];
  assert(Math.abs(2 * three - four) < 5 * Math.sqrt(three + four), `${three} ${four}`);
  assert.equal(leaderIn(committee, schedule, 3), undefined);
});

test("without faults nobody is swapped, so that all lead as often as their power says", () => {
  for (const powers of [
    [1, 1, 1, 1],
    [1, 2, 3, 4],
  ]) {
    const numbers = numbersOf(powers[3] as number);
    const dag = randomDag(4, { rounds: 400, failing: 0, numbers, powers });
    const order = dag.order().addAll(dag.made);
    assert((order.subDags.at(-1)?.cursor.schedule.number ?? 0) >= 5);
    for (const { swappedOut } of schedules(order)) assert.deepEqual(swappedOut, []);
    for (const { anchor } of order.subDags) assert.equal(anchor.author, dag.leader(anchor.round));
  }
});

test("a dead member leads no more after the first schedule, and again after one in which it is back", () => {
  for (let seed = 0; seed < 6; seed++) {
    const dag = new DagBuilder(4, seed);
    const dead = 3;
    const below = dag.rows(1, 121, dag.members(dead));
    const order = dag.order().addAll(dag.made);
    const skipped = [];
    for (let round = 2; round <= 120; round += 2) if (!order.anchors().includes(round)) skipped.push(round);
    const end = order.subDags[K - 1]?.anchor.round as number;
    assert(skipped.every((round) => round < end && dag.leader(round) === dead));
    const led = Array.from({ length: 60 }, (_, at) => 122 + 2 * at);
    assert(led.every((round) => order.bullshark.leader(round) !== dead));
    assert(led.some((round) => dag.leader(round) === dead));

    const before = dag.made.length;
    dag.rows(122, 122 + 4 * K, dag.members(), below);
    order.addAll(dag.made.slice(before));
    const later = Array.from({ length: 60 }, (_, at) => 124 + 4 * K + 2 * at);
    assert(later.some((round) => order.bullshark.leader(round) === dead));
    for (const round of later) assert.equal(order.bullshark.leader(round), dag.leader(round));
  }
});

/**
 * Rounds in which f certificates link to the leader whom the draw elects and all others do not: nothing commits
 * directly, but each leader is reached by the next one. `silent` never links.
 */
function asynchrony(dag: DagBuilder, rounds: number, silent: number): Vertex[] {
  const linking = dag.members(silent);
  let below = dag.rows(1, 1, dag.members());
  for (let round = 2; round <= rounds; round++) {
    const led = dag.leader(round - 1);
    const without = below.filter(({ author }) => author !== led);
    const linker = linking[(round >> 1) % linking.length];
    below = dag.members().map((author) => dag.vertex(round, author, author === linker ? below : without));
  }
  return below;
}

test("the schedule changes in the middle of a recursive commit: the anchors above are chosen anew", () => {
  const silent = 1;
  const dag = new DagBuilder(4, 3);
  const rounds = 2 * K + 8;
  const below = asynchrony(dag, rounds, silent);
  dag.row(rounds + 1, dag.members(), below);
  const order = dag.order();
  const counts = dag.made.map((vertex) => order.commits(vertex));
  assert(Math.max(...counts) > K, "one certificate commits the end of one schedule and the start of another");
  const { swappedOut, number } = order.bullshark.cursor.schedule;
  assert.deepEqual([number, swappedOut], [1, [silent]]);
  const after = order.subDags.slice(K);
  assert(after.length > 0);
  for (const { anchor } of after) assert.notEqual(anchor.author, silent);
  assert.deepEqual(
    order.subDags.map(({ anchor }) => anchor.id),
    naiveAnchors(dag.committee, dag.made),
  );
});

test("long asynchrony ends in one certificate that commits through several schedules", () => {
  const dag = new DagBuilder(4, 5);
  const rounds = 6 * K + 2;
  const below = asynchrony(dag, rounds, 2);
  dag.rows(rounds + 1, rounds + 7, dag.members(), below);
  const order = dag.order({ gcDepth: 8 * K });
  let most = 0;
  let swaps = 0;
  for (const vertex of dag.made) {
    const before = order.bullshark.cursor.schedule.number;
    most = Math.max(most, order.commits(vertex));
    swaps = Math.max(swaps, order.bullshark.cursor.schedule.number - before);
  }
  assert(most > 2 * K, `${most}`);
  assert(swaps >= 2, `${swaps}`);
  assert.deepEqual(
    order.subDags.map(({ anchor }) => anchor.id),
    naiveAnchors(dag.committee, dag.made),
  );
});

const cases = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 31 }),
  size: fc.constantFrom(4, 7),
  failing: fc.constantFrom(0, 0.1, 0.5),
  hostile: fc.constantFrom(0, 0.5, 0.9),
});

/** A DAG of several schedules in which up to f members are down for a while. */
function longDag(size: number, failing: number, hostile: number, numbers: () => number): DagBuilder {
  const f = Math.floor((size - 1) / 3);
  const spells = Array.from({ length: f }, (_, at) => ({
    member: (at + Math.floor(numbers() * size)) % size,
    from: Math.floor(numbers() * 60),
    to: 60 + Math.floor(numbers() * 80),
  }));
  const down = (round: number) =>
    spells.filter(({ from, to }) => round > from && round < to).map(({ member }) => member);
  return randomDag(size, { rounds: 140, failing, numbers, down, hostile });
}

test("any causal order gives the same commits and schedules, which are those of the rule applied to the whole", () => {
  let swaps = 0;
  let recursive = 0;
  const property = fc.property(cases, ({ seed, size, failing, hostile }) => {
    const numbers = numbersOf(seed);
    const dag = longDag(size, failing, hostile, numbers);
    const first = dag.order({ gcDepth: 150 });
    for (const vertex of dag.made) {
      const { number } = first.bullshark.cursor.schedule;
      if (first.commits(vertex) > 1 && first.bullshark.cursor.schedule.number > number) recursive++;
    }
    const expected = first.subDags.map(({ cursor }) => encodeCursor(cursor, 0));
    for (let i = 0; i < 4; i++) {
      const arrival = causalShuffle(dag.made, numbers);
      const cut = Math.floor(numbers() * arrival.length);
      const order = dag.order({ gcDepth: 150 }).addAll(arrival.slice(0, cut));
      const soFar = order.subDags.map(({ anchor }) => anchor.id);
      assert.deepEqual(soFar, naiveAnchors(dag.committee, arrival.slice(0, cut)));
      order.addAll(arrival.slice(cut));
      assert.deepEqual(order.sequence(), first.sequence());
      assert.deepEqual(
        order.subDags.map(({ cursor }) => encodeCursor(cursor, 0)),
        expected,
      );
    }
    const anchors = first.subDags.map(({ anchor }) => anchor.id);
    assert.deepEqual(anchors, naiveAnchors(dag.committee, dag.made));
    swaps += schedules(first).filter(
      ({ commits, swappedOut }) => commits === 0 && swappedOut.length > 0,
    ).length;
  });
  fc.assert(property, { numRuns: 25 });
  assert(swaps > 0 && recursive > 0, `${swaps} swaps, ${recursive} in recursive commits`);
});

test("a restart at any commit goes on with the same leaders, also in the middle of a schedule", () => {
  const property = fc.property(cases, fc.nat(), ({ seed, size, failing, hostile }, pick) => {
    const numbers = numbersOf(seed);
    const dag = longDag(size, failing, hostile, numbers);
    const gcDepth = 10;
    const whole = dag.order({ gcDepth }).addAll(dag.made);
    // of a few members with hostile voters, nothing may commit at all
    fc.pre(whole.subDags.length > 0);
    const at = pick % whole.subDags.length;
    const committed = whole.subDags[at]?.cursor;
    assert(committed);
    const { cursor } = decodeCursor(encodeCursor(committed, 0));
    assert.deepEqual(cursor, committed);
    const order = dag.order({ gcDepth, cursor }).addAll(dag.made);
    assert.deepEqual(
      order.subDags.map((subDag) => encodeCursor(subDag.cursor, 0)),
      whole.subDags.slice(at + 1).map((subDag) => encodeCursor(subDag.cursor, 0)),
    );
  });
  fc.assert(property, { numRuns: 25 });
});
