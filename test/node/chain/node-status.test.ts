import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExpectedStandings, nodeStatus } from "#node/chain/node-status.ts";
import type { PeerReport } from "#protocol/types/reputation.ts";
import { observed, peer, reportOf } from "#test/node/transition/support/reputation.ts";
import { staked, World, type WorldOptions } from "#test/node/transition/support/world.ts";

const BAD = 5;
/** 11 nodes: one may be out. */
const LARGE: WorldOptions = { nodes: 11, parameters: { eligibilityEpochs: 0n } };
const terrible = (node: number): Partial<PeerReport> => (node === BAD ? { answered: 0, wrong: 100 } : {});

function report(world: World, seen: (node: number) => Partial<PeerReport>, reporters: number[]): void {
  const transactions = reporters.map((reporter) =>
    reportOf(
      world,
      reporter,
      observed(world, reporter).map((node) => peer(node, seen(node))),
    ),
  );
  world.block({ transactions });
}

const everyone = (world: World): number[] => world.nodes.map(({ nodeId }) => nodeId);

describe("REP-STATUS", () => {
  it("says what the close will make of a node, and it does; who will be out is drawn for one more epoch", () => {
    const world = new World(LARGE);
    const expectations = new ExpectedStandings();
    const status = () => nodeStatus(world.state, BAD, expectations) ?? assert.fail();
    assert.deepEqual([status().now.score, status().now.place, status().expected.reports], [50, "good", 0]);
    report(world, terrible, everyone(world));
    const before = status();
    assert.deepEqual([before.expected.place, before.expected.reports], ["out", 11]);
    assert.deepEqual([before.now.place, before.inNextDraw, before.inDrawAfter], ["good", true, false]);
    assert.equal(world.state.node(BAD)?.reputation, 50, "looking changes nothing");
    const { report: closed } = world.close();
    const after = status();
    assert.equal(after.now.score, before.expected.score);
    assert.deepEqual(
      closed.nodes.find(({ node }) => node === BAD)?.standing.success,
      before.expected.success,
    );
    assert.deepEqual([after.now.place, after.inNextDraw], ["out", false]);
    assert.ok(after.above.reputation < 0 && after.above.uptime > 0);
  });

  it("tells near from below and from good, and knows no floor of 0", () => {
    const world = new World({ nodes: 6, parameters: { eligibilityEpochs: 0n, uptimeFloorBps: 0n } });
    const put = (success: number) => {
      const { state } = world;
      state.reputation.standings.put({
        ...{ node: 1, latency: 9_000, uptime: 10_000, throughput: 9_000, success, trust: 10_000 },
        ...{ credibility: 10_000, share: 0, measured: 1, reporters: 5, out: 0 },
      });
      return nodeStatus(state, 1, new ExpectedStandings()) ?? assert.fail();
    };
    assert.equal(put(2_600).now.place, "good");
    assert.equal(put(2_400).now.place, "near");
    const below = put(1_900);
    assert.deepEqual([below.now.place, below.now.score], ["below", 19]);
    assert.deepEqual(below.above, { reputation: -1, uptime: 10_000 });
    assert.deepEqual([below.now.out, below.inDrawAfter], [0, true]);
  });

  it("knows who opted out, who has no stake, and nothing of strangers", () => {
    const world = new World(LARGE);
    const record = world.state.nodeTable.get("2") ?? assert.fail();
    world.state.nodeTable.put({ ...record, optedIn: 0 });
    world.block({ events: [staked(3, 0n)] });
    const expectations = new ExpectedStandings();
    const draws = [1, 2, 3].map((node) => nodeStatus(world.state, node, expectations));
    assert.deepEqual(
      draws.map((status) => status?.inDrawAfter),
      [true, false, false],
    );
    assert.equal(draws[1]?.inNextDraw, false);
    assert.equal(nodeStatus(world.state, 99, expectations), undefined);
  });

  it("aggregates anew for every sixteenth of the reports only, and in every epoch", () => {
    const world = new World({ nodes: 32, parameters: { eligibilityEpochs: 0n } });
    const expectations = new ExpectedStandings();
    const first = expectations.of(world.state).standings;
    report(world, terrible, [1]);
    assert.equal(expectations.of(world.state).standings, first);
    report(world, terrible, [2]);
    const second = expectations.of(world.state);
    assert.notEqual(second.standings, first);
    assert.deepEqual([second.reports, expectations.of(world.state).standings], [2, second.standings]);
    world.close();
    assert.notEqual(expectations.of(world.state).standings, second.standings);
  });
});
