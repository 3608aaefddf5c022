import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { boostFactor, scheduledEmission, YEAR_MS } from "#node/transition/epoch/flk-schedule.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import { client, EPOCH_MS, FLK, START, World } from "../support/world.ts";

const LOCK = 1000n;

test("a year of epochs never emits more than the yearly rate, however it is cut", () => {
  const cuts = fc.array(fc.nat(YEAR_MS), { maxLength: 40 });
  fc.assert(
    fc.property(
      cuts,
      fc.bigInt({ min: 0n, max: 10n ** 27n }),
      fc.bigInt({ min: 0n, max: 10_000n }),
      (at, supply, bps) => {
        const times = [0, ...at.sort((a, b) => a - b), YEAR_MS];
        let sum = 0n;
        for (let i = 1; i < times.length; i++) {
          sum += scheduledEmission(supply, bps, (times[i] ?? 0) - (times[i - 1] ?? 0));
        }
        assert.ok(sum <= (supply * bps) / 10_000n);
      },
    ),
    { seed: 11 },
  );
});

test("a new protocol year counts from the supply minted so far; an epoch over its start accrues each part apart", () => {
  const supply = 1_000_000n * FLK;
  const world = new World({
    parameters: { epochLengthMs: 1000n },
    flkSupply: supply,
    deposits: [[client, 10n ** 9n]],
    prices: [1_000_000_000n],
  });
  world.run(world.authorize(client, "s", { limit: 10n ** 9n }));
  const earn = () => world.run(world.submitAcks(1, [world.ack(client, "s", { units: 10_000_000n })]));
  earn();
  const half = world.close({ time: START + YEAR_MS / 2 }).report.flkScheduled;
  assert.equal(half, supply / 10n / 2n);
  world.sellLot(0, 0, supply);
  const granted = world.close({ time: START + (YEAR_MS * 3) / 4 }).report.flkMinted;
  assert.equal(granted, half);
  earn();
  const across = world.close({ time: START + YEAR_MS + YEAR_MS / 4 }).report.flkScheduled;
  assert.equal(across, supply / 10n / 4n + (supply + half) / 10n / 4n);
  const year = world.state.meta.value;
  assert.equal(year.yearStart, START + YEAR_MS);
  assert.equal(year.supplyAtYearStart, supply + half);
});

/** What the schedule has for nodes 1 and 2, which earned the same. */
function shares(events: L2Event[], parameters: { maxLock?: bigint; maxBoostBps?: bigint } = {}): bigint[] {
  const world = new World({ parameters: { maxLock: LOCK, maxBoostBps: 40_000n, ...parameters } });
  world.block({ events });
  world.run(world.authorize(client, "s"));
  for (const node of [1, 2])
    world.run(world.submitAcks(node, [world.ack(client, "s", { node, units: 300_000_000n })]));
  return world.close().report.nodes.map(({ scheduledFlk }) => scheduledFlk);
}

const END = BigInt(START + EPOCH_MS) / 1000n;
const locked = (lockedUntil: bigint): L2Event => ({ type: "stakeLocked", nodeId: 2, lockedUntil });
const EMISSION = scheduledEmission(100_000_000n * FLK, 1000n, EPOCH_MS);

test("a lock raises the part of the schedule by what is left of it at the close, exactly", () => {
  for (const [left, factor] of [
    [0n, 10_000n],
    [LOCK / 3n, 19_990n],
    [LOCK / 2n, 25_000n],
    [LOCK, 40_000n],
    [5n * LOCK, 40_000n],
  ] as const) {
    const [unlocked, boosted] = shares([locked(END + left)]);
    assert.equal(boosted, (EMISSION * factor) / (10_000n + factor), `${left} s left`);
    assert.equal(unlocked, (EMISSION * 10_000n) / (10_000n + factor), `${left} s left`);
  }
});

test("a lock that is over, a boost below one and a longest lock of nothing boost nothing", () => {
  for (const [events, parameters] of [
    [[locked(END - 1n)], {}],
    [[locked(0n)], {}],
    [[locked(END + LOCK)], { maxBoostBps: 0n }],
    [[locked(END + LOCK)], { maxLock: 0n }],
  ] as const) {
    const [unlocked, boosted] = shares([...events], parameters);
    assert.equal(boosted, EMISSION / 2n);
    assert.equal(unlocked, EMISSION / 2n);
  }
});

test("milliseconds of a lock count, and the boost is in proportion to them", () => {
  const terms = { maxLock: LOCK, maxBoostBps: 40_000n };
  const base = boostFactor(0n, START, terms);
  for (const ms of [1, 999, 1000, 333_333]) {
    const factor = boostFactor(BigInt(START) / 1000n + LOCK, START + 1_000_000 - ms, terms);
    assert.equal(factor - base, 30_000n * BigInt(ms));
  }
});

test("whatever was voted, no more FLK than the supply a year", () => {
  const most = (1n << 256n) - 1n;
  const world = new World({ parameters: { maxInflationBps: most, maxLock: most, maxBoostBps: most } });
  world.block({ events: [locked((1n << 64n) - 1n)] });
  world.run(world.authorize(client, "s"));
  world.run(world.submitAcks(1, [world.ack(client, "s", { units: 10_000_000n })]));
  const { report } = world.close();
  assert.equal(report.flkScheduled, scheduledEmission(100_000_000n * FLK, 10_000n, EPOCH_MS));
  assert.equal(report.nodes[0]?.scheduledFlk, report.flkScheduled);
});
