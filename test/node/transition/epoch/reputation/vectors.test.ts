import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { aggregate, pretrustWeights, type RatedNode } from "#node/transition/epoch/reputation/aggregate.ts";
import { eigenTrust } from "#node/transition/epoch/reputation/eigentrust.ts";
import { partition, WHOLE } from "#node/transition/epoch/reputation/exact.ts";
import { collect } from "#node/transition/epoch/reputation/observations.ts";
import { publicScore } from "#node/transition/epoch/reputation/standing.ts";
import { sampleNetwork, slowNetwork } from "#scripts/bench/reputation/network.ts";
import vectors from "../../../../vectors/eigentrust.json" with { type: "json" };
import { type FloatOutcome, floatAggregate, floatEigenTrust } from "./support/float.ts";

const CLOSE = 1e-9;
const { rules } = vectors;

function assertClose(got: readonly number[], wanted: readonly number[], within: number, what: string): void {
  assert.equal(got.length, wanted.length);
  for (const [i, value] of got.entries()) {
    const off = Math.abs(value - (wanted[i] as number));
    assert.ok(off <= within, `${what}: ${i} is ${value}, not ${wanted[i]}`);
  }
}

function normal(weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

describe("REP-EIGEN: the plain algorithm", () => {
  for (const plain of vectors.plain) {
    const sum = (plain.start ?? [1]).reduce((total, value) => total + value, 0);
    it(`gives what is published at a = ${plain.damping / 10_000}: ${plain.source}`, () => {
      assert.equal(
        plain.trust.reduce((total, part) => total + part, 0),
        WHOLE,
      );
      assertClose(
        plain.trust.map((part) => part / WHOLE),
        plain.published.map((value) => value / sum),
        plain.within,
        plain.source,
      );
    });

    it(`and what doubles give at a = ${plain.damping / 10_000}: ${plain.source}`, () => {
      const { trust } = floatEigenTrust(plain.local, normal(plain.pretrust), plain.damping / 10_000, {
        ...(plain.start ? { start: normal(plain.start) } : {}),
        ...(plain.iterations ? { iterations: plain.iterations } : {}),
      });
      assertClose(
        plain.trust.map((part) => part / WHOLE),
        trust,
        CLOSE,
        plain.source,
      );
    });
  }
});

describe("REP-EIGEN: graphs that converge as slowly as damping allows", () => {
  for (const damping of [1_000, 2_000]) {
    it(`end long before the limit at a = ${damping / 10_000}, also where rounding goes on moving trust`, () => {
      const { nodes, reports } = slowNetwork(200, 64);
      const indexes = new Map(nodes.map(({ nodeId }, index) => [nodeId, index]));
      const pretrust = partition(pretrustWeights(nodes));
      const local = collect(indexes, reports);
      const { trust, iterations } = eigenTrust({ local, pretrust, damping });
      assert.ok(iterations > 60 && iterations < 219, `${iterations}`);
      const matrix = Array.from({ length: nodes.length }, (_, i) => {
        const row = new Array<number>(nodes.length).fill(0);
        for (let at = local.rows[i] ?? 0; at < (local.rows[i + 1] ?? 0); at++)
          row[local.subjects[at] as number] = local.values[at] as number;
        return row;
      });
      const p = normal(Array.from(pretrust));
      const wanted = floatEigenTrust(matrix, p, damping / 10_000).trust;
      assertClose(
        Array.from(trust, (part) => part / WHOLE),
        wanted,
        CLOSE,
        "slow",
      );
    });
  }
});

function assertAgrees(
  rated: readonly RatedNode[],
  got: ReturnType<typeof aggregate>,
  float: FloatOutcome,
): void {
  const shares = got.map(({ standing }) => standing.share / WHOLE);
  assertClose(shares, float.trust, CLOSE, "trust");
  assert.deepEqual(
    got.map(({ standing }) => standing.credibility),
    float.credibility,
  );
  for (const [i, { standing }] of got.entries()) {
    const bad = float.bad[i];
    if (bad === undefined || rated[i]?.standing || standing.success === 8_070) continue;
    const now = Math.max(0, 10_000 - 4 * bad);
    const rate = now < 8_070 ? rules.fall : rules.rise;
    const step = Math.ceil((Math.abs(now - 8_070) * rate) / 10_000);
    assert.equal(standing.success, now < 8_070 ? 8_070 - step : 8_070 + step);
  }
}

describe("REP-AGGREGATE: the epochs of test/vectors/eigentrust.json", () => {
  for (const epoch of vectors.epochs) {
    const rated: RatedNode[] = epoch.nodes.map((node) => ({
      nodeId: node.nodeId,
      stake: BigInt(node.stake),
      revenue: BigInt(node.revenue),
      standing: node.standing ?? undefined,
    }));

    it(`${epoch.name}: the same bits`, () => {
      const outcomes = aggregate(rated, epoch.reports, rules);
      assert.deepEqual(
        outcomes.map((outcome) => ({ ...outcome, score: publicScore(outcome.standing) })),
        epoch.outcomes,
      );
    });

    it(`${epoch.name}: trust to ${CLOSE} of doubles`, () => {
      assertAgrees(
        rated,
        aggregate(rated, epoch.reports, rules),
        floatAggregate(rated, epoch.reports, rules),
      );
    });
  }

  it("the same where each report is of one request, so that chance explains much of what differs", () => {
    const network = sampleNetwork(100, 64);
    const reports = network.reports.map(({ reporter, peers }) => ({
      reporter,
      peers: peers.map((peer) => {
        const wrong = peer.wrong > 1 ? 1 : 0;
        return { ...peer, answered: 1 - wrong, failed: 0, wrong };
      }),
    }));
    const got = aggregate(network.nodes, reports, rules);
    assertAgrees(network.nodes, got, floatAggregate(network.nodes, reports, rules));
  });

  it("trust of 100 nodes with 64 reports each to 1e-9 of doubles", () => {
    const network = sampleNetwork(100, 64);
    const got = aggregate(network.nodes, network.reports, rules);
    assertAgrees(network.nodes, got, floatAggregate(network.nodes, network.reports, rules));
  });
});
