import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { aggregate, type Outcome, type RatedNode } from "#node/transition/epoch/reputation/aggregate.ts";
import { WHOLE } from "#node/transition/epoch/reputation/exact.ts";
import type { ReporterEntries } from "#node/transition/epoch/reputation/observations.ts";
import type { Standing } from "#node/transition/epoch/reputation/standing.ts";
import { everyone, peer, RULES, rated } from "./support/network.ts";

const U32 = 2 ** 32 - 1;
const honest = everyone(6);

function same(reports: ReporterEntries[]): void {
  assert.deepEqual(aggregate(rated(6), reports, RULES), aggregate(rated(6), honest, RULES));
}

function assertSound(nodes: readonly RatedNode[], outcomes: readonly Outcome[]): void {
  assert.equal(outcomes.length, nodes.length);
  if (nodes.length > 0) {
    assert.equal(
      outcomes.reduce((sum, { standing }) => sum + standing.share, 0),
      WHOLE,
    );
  }
  for (const { standing } of outcomes) {
    const { share, measured, ...rates } = standing;
    for (const rate of Object.values(rates)) assert.ok(Number.isInteger(rate) && rate >= 0 && rate <= 10_000);
    assert.ok(Number.isSafeInteger(share) && share >= 0);
    assert.ok(measured === 0 || measured === 1);
  }
}

describe("REP-CLEAN: what no honest node says changes nothing", () => {
  const extra = (reporter: number, ...peers: ReturnType<typeof peer>[]) =>
    honest.map((report) =>
      report.reporter === reporter ? { reporter, peers: [...report.peers, ...peers] } : report,
    );

  it("unknown nodes", () => same(extra(1, peer(99), peer(U32))));
  it("self-reports", () => same(extra(1, peer(1, { answered: U32 }))));
  it("a second entry of a pair", () => same(extra(1, peer(2, { answered: 0, wrong: U32 }))));
  it("a second report of a node", () => same([...honest, { reporter: 2, peers: [peer(3, { wrong: U32 })] }]));
  it("reports of unknown nodes", () => same([...honest, { reporter: 99, peers: [peer(1, { wrong: 9 })] }]));
  it("reports in another order", () => same([...honest].reverse()));
  it("more answered probes than probes", () => {
    const without = honest.map(({ reporter, peers }) => ({
      reporter,
      peers: peers.filter(({ node }) => reporter !== 1 || node !== 2),
    }));
    const lying = without.map(({ reporter, peers }) => ({
      reporter,
      peers: reporter === 1 ? [...peers, peer(2, { reached: 25 })] : peers,
    }));
    assert.deepEqual(aggregate(rated(6), lying, RULES), aggregate(rated(6), without, RULES));
  });
});

describe("small and silent networks", () => {
  for (const count of [0, 1, 2, 3]) {
    it(`${count} nodes, all silent`, () => assertSound(rated(count), aggregate(rated(count), [], RULES)));
    it(`${count} nodes, all talking`, () => {
      assertSound(rated(count), aggregate(rated(count), everyone(count), RULES));
    });
  }

  it("an epoch of no length: reports without a single measurement", () => {
    const nothing = { answered: 0, probes: 0, reached: 0, latencyUs: 0, throughput: 0 };
    const outcomes = aggregate(
      rated(5),
      everyone(5, (_, node) => peer(node, nothing)),
      RULES,
    );
    assertSound(rated(5), outcomes);
    for (const { standing } of outcomes) assert.equal(standing.success, 7_963);
  });
});

const u32 = fc.oneof(fc.constantFrom(0, 1, U32), fc.nat(200));
const u16 = fc.oneof(fc.constantFrom(0, 1, 65_535), fc.nat(50));
const rate = fc.nat(10_000);
const entry = fc.record({
  ...{ node: fc.nat(9), probes: u16, reached: u16, answered: u32, failed: u32, wrong: u32 },
  ...{ latencyUs: u32, throughput: u32 },
});
const standing: fc.Arbitrary<Standing> = fc.record({
  ...{ latency: rate, uptime: rate, throughput: rate, success: rate, trust: rate, credibility: rate },
  ...{ share: fc.maxSafeNat().map((n) => n % (WHOLE + 1)), measured: fc.nat(1) },
});
const nodes = fc.uniqueArray(
  fc.record({
    nodeId: fc.nat(9),
    stake: fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
    revenue: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    standing: fc.option(standing, { nil: undefined }),
  }),
  { selector: ({ nodeId }) => nodeId, maxLength: 8 },
);
const rules = fc.record({ damping: rate, rise: rate, fall: rate, priorDecay: rate });

describe("any reports at all", () => {
  it("give sound standings, the same each time, and keep the sum of trust", () => {
    fc.assert(
      fc.property(
        nodes,
        fc.array(fc.record({ reporter: fc.nat(9), peers: fc.array(entry, { maxLength: 12 }) }), {
          maxLength: 12,
        }),
        rules,
        (given, reports, ruled) => {
          const outcomes = aggregate(given, reports, ruled);
          assertSound(given, outcomes);
          assert.deepEqual(aggregate(given, reports, ruled), outcomes);
        },
      ),
      { seed: 20_061, numRuns: 1_500 },
    );
  });
});
