import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { aggregate, type Outcome } from "#node/transition/epoch/reputation/aggregate.ts";
import { WHOLE } from "#node/transition/epoch/reputation/exact.ts";
import {
  NEW_STANDING,
  publicScore,
  type Standing,
  scoreOf,
} from "#node/transition/epoch/reputation/standing.ts";
import { everyone, peer, RULES, rated } from "./support/network.ts";

const score = (outcome: Outcome | undefined): number => publicScore((outcome as Outcome).standing);

/** Standings of `epochs` epochs with the same reports. */
function run(epochs: number, reports: Parameters<typeof aggregate>[1], count: number): Outcome[] {
  let outcomes: Outcome[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const before = outcomes;
    outcomes = aggregate(
      rated(count, (id) => before[id]?.standing),
      reports,
      RULES,
    );
  }
  return outcomes;
}

describe("REP-SCORE", () => {
  it("a new node has 50", () => assert.equal(publicScore(NEW_STANDING), 50));

  it("good nodes rise, one that corrupts a fifth of its answers falls to nothing, within four epochs", () => {
    const bad = 3;
    const reports = everyone(10, (_, node) => peer(node, node === bad ? { answered: 80, wrong: 20 } : {}));
    const outcomes = run(4, reports, 10);
    assert.ok(score(outcomes[0]) > 70, `a good node has ${score(outcomes[0])}`);
    assert.ok(score(outcomes[bad]) <= 1, `the bad one has ${score(outcomes[bad])}`);
  });

  it("shows by its components why: a slow node loses latency and nothing else", () => {
    const slow = 2;
    const reports = everyone(8, (_, node) => peer(node, node === slow ? { latencyUs: 900_000 } : {}));
    const [first, other] = [run(3, reports, 8)[slow]?.standing, run(3, reports, 8)[4]?.standing];
    assert.ok((first?.latency ?? 0) < (other?.latency ?? 0) / 2);
    for (const part of ["uptime", "throughput", "success"] as const)
      assert.equal(first?.[part], other?.[part]);
  });

  it("one wrong answer weighs as two failed ones", () => {
    const count = 8;
    const success = (change: Parameters<typeof peer>[1]) =>
      run(
        1,
        everyone(count, (_, node) => peer(node, change)),
        count,
      )[0]?.standing.success;
    assert.equal(success({ answered: 98, wrong: 2 }), success({ answered: 96, failed: 4 }));
  });
});

describe("REP-SMOOTH, REP-PRIOR", () => {
  const high: Standing = { ...NEW_STANDING, success: 10_000, uptime: 10_000, trust: 10_000, measured: 1 };

  it("falls faster than it rises", () => {
    const after = (standing: Standing, wrong: number) =>
      aggregate(
        rated(6, () => standing),
        everyone(6, (_, node) => peer(node, { wrong, answered: 100 - wrong })),
        RULES,
      )[0]?.standing.success;
    assert.equal(after(high, 25), 3_000);
    assert.equal(after({ ...high, success: 0 }, 0), 3_000);
  });

  it("a node that nobody measured keeps a prior that decays to a rest, and a bad one gains nothing by hiding", () => {
    let standing = high;
    let hidden: Standing = { ...high, success: 500 };
    for (let epoch = 0; epoch < 200; epoch++) {
      const silent = aggregate(
        rated(2, (id) => (id === 0 ? standing : hidden)),
        [],
        RULES,
      );
      const next = silent[0]?.standing as Standing;
      assert.ok(next.success <= standing.success && next.success >= 7_000);
      standing = next;
      hidden = silent[1]?.standing as Standing;
    }
    assert.equal(standing.success, 7_000);
    assert.equal(hidden.success, 500);
    assert.equal(publicScore({ ...NEW_STANDING, ...standing }), 32);
  });

  it("what only a few saw cannot raise a node", () => {
    const watchers = 5;
    const low: Standing = { ...high, success: 2_000 };
    const some = everyone(100).map(({ reporter, peers }) => ({
      reporter,
      peers: reporter > 0 && reporter <= watchers ? peers.filter(({ node }) => node === 0) : [],
    }));
    const [outcome] = aggregate(
      rated(100, () => low),
      some,
      RULES,
    );
    assert.equal(outcome?.reporters, watchers);
    assert.equal(outcome?.standing.success, 2_000);
  });

  it("one reporter alone does not decide what others have no observation of", () => {
    const only = { answered: 0, latencyUs: 0, throughput: 0 };
    const alone = { answered: 0, wrong: 100, latencyUs: 900_000, throughput: 1 };
    const probed = everyone(40, (_, node) => peer(node, only));
    const one = everyone(40, (reporter, node) => peer(node, reporter === 7 ? alone : only));
    const [wanted, got] = [probed, one].map(
      (reports) =>
        aggregate(
          rated(40, () => high),
          reports,
          RULES,
        )[0]?.standing,
    );
    for (const part of ["success", "latency", "throughput", "uptime"] as const)
      assert.equal(got?.[part], wanted?.[part], part);
  });
});

describe("REP-CREDIBLE", () => {
  it("a reporter that contradicts what others saw loses its word, and the others keep theirs", () => {
    const liar = 4;
    const reports = everyone(10, (reporter, node) =>
      peer(node, reporter === liar ? { answered: 20, wrong: 80 } : {}),
    );
    const outcomes = run(2, reports, 10);
    assert.ok((outcomes[liar]?.standing.credibility ?? 1) < 1_000);
    assert.equal(outcomes[0]?.standing.credibility, 10_000);
    assert.ok(score(outcomes[0]) > 60);
  });

  it("credibility comes back slowly", () => {
    const before = { ...NEW_STANDING, credibility: 0 };
    const [outcome] = aggregate(
      rated(10, () => before),
      everyone(10),
      RULES,
    );
    assert.equal(outcome?.standing.credibility, 750);
  });

  it("a coalition that reports only each other gets the trust of its stake and no success", () => {
    const first = 7;
    const reports = everyone(10, (reporter, node) =>
      peer(node, reporter < first && node >= first ? { answered: 50, wrong: 50 } : {}),
    ).map(({ reporter, peers }) => ({
      reporter,
      peers: reporter < first ? peers : peers.filter(({ node }) => node >= first),
    }));
    const outcomes = run(3, reports, 10);
    for (const outcome of outcomes.slice(first)) {
      assert.equal(score(outcome), 0);
      assert.ok(outcome.standing.share <= WHOLE / 10);
    }
    assert.ok(score(outcomes[0]) > 60);
  });
});

describe("REP-PRETRUST", () => {
  it("paid work at most doubles what stake gives, however much of it there is", () => {
    const share = (revenue: bigint) => {
      const nodes = rated(4).map((node) => ({ ...node, revenue: node.nodeId === 0 ? revenue : 1_000n }));
      return (aggregate(nodes, [], RULES)[0]?.standing.share ?? 0) / WHOLE;
    };
    assert.equal(share(1_000n), 0.25);
    assert.ok(share(0n) < 0.15);
    assert.ok(share(10n ** 15n) <= 2 / 5);
  });

  it("without stake everyone is trusted alike", () => {
    const nodes = rated(4).map((node) => ({ ...node, stake: 0n }));
    for (const { standing } of aggregate(nodes, [], RULES)) assert.equal(standing.share, WHOLE / 4);
  });
});

describe("scores", () => {
  it("multiply success, uptime and trust", () => {
    const full = { latency: 10_000, uptime: 10_000, throughput: 10_000, success: 10_000, trust: 10_000 };
    assert.equal(scoreOf(full), 10_000);
    for (const part of ["success", "uptime", "trust"] as const)
      assert.equal(scoreOf({ ...full, [part]: 0 }), 0);
    assert.equal(scoreOf({ ...full, latency: 0, throughput: 0 }), 7_500);
  });
});
