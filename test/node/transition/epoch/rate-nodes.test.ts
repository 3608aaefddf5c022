import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { expectedStandings } from "#node/transition/epoch/rate-nodes.ts";
import type { PeerReport } from "#protocol/types/reputation.ts";
import type { NodeReport } from "#protocol/types/settlement.ts";
import { observed, peer, reportOf } from "../support/reputation.ts";
import { FLK, staked, World, type WorldOptions } from "../support/world.ts";

const BAD = 5;

/** One epoch in which everyone reports; gives the nodes of the epoch's report. */
function epoch(world: World, seen: (reporter: number, node: number) => Partial<PeerReport>): NodeReport[] {
  const transactions = world.nodes.map(({ nodeId }) =>
    reportOf(
      world,
      nodeId,
      observed(world, nodeId).map((node) => peer(node, seen(nodeId, node))),
    ),
  );
  world.block({ transactions });
  return world.close().report.nodes;
}

const corrupt = (_: number, node: number) => (node === BAD ? { answered: 80, wrong: 20 } : {});
const well = () => ({});
const nodeOf = (nodes: NodeReport[], id: number): NodeReport =>
  nodes.find(({ node }) => node === id) ?? assert.fail(`no node ${id}`);

/** 11 nodes: one may be out. */
const LARGE: WorldOptions = { nodes: 11, parameters: { eligibilityEpochs: 0n } };

describe("REP-AGGREGATE at the close", () => {
  it("writes scores, why they are so, and who reported; a node that corrupts a fifth of its answers falls", () => {
    const world = new World();
    const [first, second] = [epoch(world, corrupt), epoch(world, corrupt)];
    const [good, bad] = [nodeOf(second, 1), nodeOf(second, BAD)];
    assert.ok(good.reputation > nodeOf(first, 1).reputation && nodeOf(first, 1).reputation > 50);
    assert.ok(bad.reputation < 10 && bad.reputation <= nodeOf(first, BAD).reputation);
    assert.equal(world.state.node(BAD)?.reputation, bad.reputation);
    assert.ok(bad.standing.success < good.standing.success);
    assert.equal(bad.standing.uptime, good.standing.uptime);
    assert.equal(bad.standing.reporters, 5);
  });

  it("starts each epoch without reports, and lets those of before decay when nobody reports", () => {
    const world = new World();
    const before = nodeOf(epoch(world, corrupt), 1).reputation;
    assert.equal(world.state.reputation.reports.size, 0);
    let last = before;
    for (let silent = 0; silent < 3; silent++) {
      const now = nodeOf(world.close().report.nodes, 1);
      assert.ok(now.reputation < last && now.reputation > 30);
      assert.equal(now.standing.reporters, 0);
      last = now.reputation;
    }
  });

  it("who left the ring decays like who is not measured, without the reporters and the trust of before", () => {
    const world = new World();
    const before = nodeOf(epoch(world, well), 6);
    assert.equal(before.standing.reporters, 5);
    world.block({ events: [staked(6, 0n)] });
    world.close();
    const expected = expectedStandings(world.state).get(6);
    const left = nodeOf(epoch(world, well), 6);
    assert.deepEqual([left.standing.reporters, left.standing.out], [0, 0]);
    assert.ok(left.standing.success < before.standing.success);
    assert.deepEqual(world.state.reputation.standings.get("6"), expected);
    assert.deepEqual([expected?.reporters, expected?.share, expected?.measured], [0, 0, 1]);
    for (let epochs = 0; epochs < 100; epochs++) world.close();
    const rest = world.state.reputation.standings.root();
    world.close();
    assert.deepEqual([world.state.node(6)?.reputation, world.state.reputation.standings.root()], [32, rest]);
  });

  it("who steps out of the ring in each epoch keeps no score by it, and one that is bad does not gain any", () => {
    const world = new World({ nodes: 12 });
    const restake = [5, 6].flatMap((node) => [staked(node, 0n), staked(node, 1000n * FLK)]);
    for (let epochs = 0; epochs < 4; epochs++) {
      epoch(world, (_, node) => (node === 6 ? { answered: 80, wrong: 20 } : {}));
    }
    world.block({ events: restake });
    let last = epoch(world, well);
    const [good, bad] = [nodeOf(last, 5).reputation, nodeOf(last, 6).reputation];
    assert.ok(good > 75 && bad < 20, `${good}, ${bad}`);
    for (let epochs = 0; epochs < 10; epochs++) {
      world.block({ events: restake });
      const now = epoch(world, well);
      assert.ok(nodeOf(now, 5).reputation < nodeOf(last, 5).reputation);
      assert.ok(nodeOf(now, 6).reputation <= bad && nodeOf(now, 1).reputation > 75);
      last = now;
    }
    assert.ok(nodeOf(last, 5).reputation < 50, `${nodeOf(last, 5).reputation}`);
  });

  it("reads a damping below the least as the least", () => {
    const [none, least, more] = [0n, 1_000n, 2_000n].map((reputationDampingBps) => {
      const world = new World({ parameters: { reputationDampingBps } });
      epoch(world, corrupt);
      return world.state.reputation.standings.root();
    });
    assert.deepEqual(none, least);
    assert.notDeepEqual(least, more);
  });

  it("a new network of silent nodes closes, with scores that decay from 50", () => {
    const world = new World();
    assert.equal(nodeOf(world.close().report.nodes, 1).reputation, 48);
  });
});

describe("REP-FLOOR", () => {
  const terrible = (ids: number[]) => (_: number, node: number) =>
    ids.includes(node) ? { answered: 0, wrong: 100 } : {};

  it("takes a node below the floor out of the snapshot, and lets it back above floor and margin", () => {
    const world = new World(LARGE);
    const nodes = epoch(world, terrible([BAD]));
    assert.equal(nodeOf(nodes, BAD).standing.out, 1);
    assert.ok(!world.state.eligible.value.includes(BAD));
    assert.equal(world.state.eligible.value.length, 10);
    let epochs = 0;
    let score = 0;
    for (; !world.state.eligible.value.includes(BAD); epochs++) {
      assert.ok(score < 25, "it should be back");
      score = nodeOf(
        epoch(world, () => ({})),
        BAD,
      ).reputation;
    }
    assert.ok(epochs >= 2 && score >= 25, `${epochs} epochs, ${score}`);
  });

  const outOf = (nodes: NodeReport[]): number[] =>
    nodes.filter(({ standing }) => standing.out === 1).map(({ node }) => node);

  it("takes out one node in ten, the worst, and another in its place once that one is worse", () => {
    const world = new World(LARGE);
    const worst = (id: number) => (_: number, node: number) =>
      node === id
        ? { answered: 0, wrong: 100 }
        : node === 2 || node === BAD
          ? { answered: 88, wrong: 12, latencyUs: 900_000 }
          : {};
    assert.deepEqual(outOf(epoch(world, worst(2))), [2]);
    assert.deepEqual(outOf(epoch(world, worst(BAD))), [BAD]);
    assert.ok(world.state.eligible.value.includes(2));
  });

  it("leaves nine in ten in however long all but a few have score 0", () => {
    const world = new World({ nodes: 21, parameters: { eligibilityEpochs: 0n } });
    const slandered = world.nodes.slice(2).map(({ nodeId }) => nodeId);
    for (let closed = 0; closed < 20; closed++) {
      const nodes = epoch(world, terrible(slandered));
      assert.ok(outOf(nodes).length <= 2, `${outOf(nodes)} after ${closed + 1}`);
      assert.equal(world.state.eligible.value.length, 19);
      for (const id of closed > 4 ? slandered : []) assert.equal(nodeOf(nodes, id).reputation, 0);
    }
  });

  it("counts only candidates: who is not one neither makes room for others nor takes it", () => {
    const world = new World({ nodes: 11, parameters: { eligibilityEpochs: 0n } });
    const leaver = world.state.nodeTable.get("1") ?? assert.fail();
    world.state.nodeTable.put({ ...leaver, optedIn: 0 });
    assert.deepEqual(outOf(epoch(world, terrible([1, BAD]))), [BAD]);
    const other = world.state.nodeTable.get("2") ?? assert.fail();
    world.state.nodeTable.put({ ...other, optedIn: 0 });
    assert.deepEqual(outOf(epoch(world, terrible([1, 3]))), []);
  });

  it("takes out who is hardly reachable", () => {
    const world = new World({ ...LARGE, parameters: { eligibilityEpochs: 0n, reputationFloor: 0n } });
    const nodes = epoch(world, (_, node) => (node === BAD ? { reached: 2 } : {}));
    assert.equal(nodeOf(nodes, BAD).standing.out, 1);
  });

  it("leaves networks of fewer than ten nodes alone, and everyone when there are no floors", () => {
    const small = new World();
    assert.ok(epoch(small, terrible([BAD])).every(({ standing }) => standing.out === 0));
    const none = { eligibilityEpochs: 0n, reputationFloor: 0n, uptimeFloorBps: 0n };
    const world = new World({ ...LARGE, parameters: none });
    assert.ok(epoch(world, terrible([BAD])).every(({ standing }) => standing.out === 0));
  });
});
