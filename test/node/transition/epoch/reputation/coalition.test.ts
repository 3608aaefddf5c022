import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { aggregate } from "#node/transition/epoch/reputation/aggregate.ts";
import { observedBy } from "#node/transition/epoch/reputation/ring.ts";
import { publicScore, type Standing } from "#node/transition/epoch/reputation/standing.ts";
import type { PeerReport } from "#protocol/types/reputation.ts";
import { Rng } from "#scripts/bench/support/rng.ts";
import { peer, RULES, rated } from "./support/network.ts";

const NODES = 200;
/** epochs in which a part of the honest nodes is slandered, and in which all are */
const SOME = 8;
const ALL = 6;

type Said = (reporter: number, node: number, epoch: number) => Partial<PeerReport>;

/** Standings after a coalition, the first nodes, claimed `wrong` wrong answers and nothing else, honest nodes 24 samples. */
function slander(coalition: number, victims: number, wrong: number, seed: number): Standing[] {
  return standingsAfter(seed, (reporter, node, epoch) => {
    const last = epoch < SOME ? coalition + victims : NODES;
    const lies = reporter < coalition && node >= coalition && node < last;
    return lies ? { answered: 0, wrong } : { answered: 24 };
  });
}

function standingsAfter(seed: number, said: Said): Standing[] {
  const rng = new Rng(seed);
  let standings: Standing[] = [];
  const ids = Array.from({ length: NODES }, (_, id) => id);
  for (let epoch = 0; epoch < SOME + ALL; epoch++) {
    const ring = ids
      .map((id) => ({ id, rank: rng.next() }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ id }) => id);
    const reports = ids.map((reporter) => ({
      reporter,
      peers: observedBy(ring, reporter).map((node) => peer(node, said(reporter, node, epoch))),
    }));
    const before = standings;
    standings = aggregate(
      rated(NODES, (id) => before[id]),
      reports,
      RULES,
    ).map(({ standing }) => standing);
  }
  return standings;
}

describe("REP-CREDIBLE: a coalition that slanders some, then all", () => {
  for (const [percent, part, wrong] of [
    [12, 1 / 3, 1],
    [15, 1 / 3, 1],
    [15, 1 / 10, 1],
    [15, 1 / 10, 2],
    [15, 1 / 3, 1_000],
  ] as const) {
    it(`of ${percent} %, first ${Math.round(100 * part)} % by ${wrong} wrong answers, takes no score and loses its word`, () => {
      const coalition = (NODES * percent) / 100;
      const standings = slander(coalition, Math.round((NODES - coalition) * part), wrong, 7);
      for (const standing of standings.slice(coalition)) {
        assert.ok(publicScore(standing) >= 75, `score ${publicScore(standing)}`);
        assert.ok(standing.credibility >= 9_000, `credibility ${standing.credibility}`);
      }
      for (const { credibility } of standings.slice(0, coalition)) assert.ok(credibility < 500);
    });
  }
});

describe("REP-CREDIBLE: what one request explains", () => {
  it("a coalition of 15 % that serves badly, praises each other and slanders all by one request each, wins nothing", () => {
    const coalition = (NODES * 15) / 100;
    const standings = standingsAfter(11, (reporter, node) => {
      const [lies, bad] = [reporter < coalition, node < coalition];
      if (lies) return bad ? { answered: 1 } : { answered: 0, wrong: 1 };
      return bad ? { answered: 12, wrong: 12 } : { answered: 24 };
    });
    for (const [id, standing] of standings.entries()) {
      const score = publicScore(standing);
      assert.ok(id < coalition ? score === 0 : score >= 75, `${id}: score ${score}`);
    }
  });

  it("honest nodes that each asked once, and got one wrong answer in twenty, keep their word", () => {
    const rng = new Rng(12);
    const standings = standingsAfter(12, () =>
      rng.chance(0.05) ? { answered: 0, wrong: 1 } : { answered: 1 },
    );
    const mean = standings.reduce((sum, { credibility }) => sum + credibility, 0) / NODES;
    assert.ok(mean > 6_500, `credibility ${mean}`);
  });
});
