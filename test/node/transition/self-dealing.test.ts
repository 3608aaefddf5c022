import assert from "node:assert/strict";
import { test } from "node:test";
import { Rng } from "#scripts/bench/support/rng.ts";
import { honest, mutate, randomStrategy, type Strategy, washed } from "./support/self-dealing/strategy.ts";
import { runTrial } from "./support/self-dealing/trial.ts";
import { FLK } from "./support/world.ts";

const RANDOM = 250;
const CLIMBS = 4;
const STEPS = 60;
/** Less is not worth a look: the rounding of shares is a micro-USD per node, service and epoch. */
const WORTH = 1_000_000n;
/** micro-USD: 3 per node, service and epoch, and the wei that prices are rounded by */
const ROUNDING = 100n;
/** of a price, from the lowest to the highest that is tried */
const LARGEST_MOVE = 10_001n;

interface Found {
  strategy: Strategy;
  /** micro-USD */
  gain: bigint;
  /** the same at the last prices */
  later: bigint;
  /** ppm of what was washed */
  yield: bigint;
  /** not a neighbour of a better one */
  random: boolean;
}

/**
 * What the dealing brings over the same nodes without it. FLK counts at the price at which its lot was sold. After all prices have
 * moved to the last one, stablecoin counts as the FLK that it bought at that moment: whoever bets on the price can do just that.
 */
function judge(strategy: Strategy, capped: boolean, random: boolean): Found | undefined {
  const spent = washed(strategy);
  if (spent < WORTH) return undefined;
  const plain = runTrial(honest(strategy), capped);
  const dealt = runTrial(strategy, capped);
  const last = dealt.at(-1)?.price ?? assert.fail();
  let gain = 0n;
  let later = 0n;
  for (const [i, lot] of dealt.entries()) {
    const before = plain[i] ?? assert.fail();
    const worth = (lot.stable - before.stable) * FLK + (lot.flk - before.flk) * lot.price;
    gain += worth;
    later += (worth * last) / lot.price;
  }
  return {
    strategy,
    gain: gain / FLK,
    later: later / FLK,
    yield: (gain * 1_000_000n) / (FLK * spent),
    random,
  };
}

/** Random strategies, then better and better neighbours of the best. Gives everything that was looked at, the best first. */
function search(seed: number, capped: boolean): Found[] {
  const rng = new Rng(seed);
  const found: Found[] = [];
  const look = (strategy: Strategy, random: boolean): Found | undefined => {
    const result = judge(strategy, capped, random);
    if (result) found.push(result);
    return result;
  };
  for (let i = 0; i < RANDOM; i++) look(randomStrategy(rng), true);
  const best = () => found.sort((a, b) => (a.yield < b.yield ? 1 : -1));
  for (let climb = 0; climb < CLIMBS; climb++) {
    let top = best()[climb] ?? assert.fail();
    for (let step = 0; step < STEPS; step++) {
      const next = look(mutate(top.strategy, rng), false);
      if (next && next.yield > top.yield) top = next;
    }
  }
  return best();
}

test("no coalition ends with more value than it put in: the search finds nothing while the cap is there", () => {
  const found = search(1, true);
  assert.ok(found.length > RANDOM);
  for (const { strategy, gain, later } of found) {
    const [node, service, treasury] = strategy.shares;
    const buyback = 10_000 - node - service - treasury;
    const kept = BigInt(treasury * 10_000 + buyback * (10_000 - strategy.kappaBps));
    const what = `${gain}, later ${later} micro-USD by ${JSON.stringify(strategy)}`;
    // the treasury share and what κ leaves of the buyback share are lost for good
    assert.ok(gain <= ROUNDING - (washed(strategy) * kept) / 100_000_000n, what);
    assert.ok(later <= ROUNDING * LARGEST_MOVE, what);
  }
});

test("the same search finds a profit, and a better one by climbing, when the cap is taken away", () => {
  const found = search(1, false);
  const [best] = found;
  assert.ok(best && best.gain > WORTH, `best: ${best?.gain}`);
  const first = found.filter(({ random }) => random).map((one) => one.yield);
  assert.ok(first.length > 0 && first.every((one) => one < best.yield), "climbing found nothing better");
});
