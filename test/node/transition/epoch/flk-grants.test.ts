import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { lotBurn } from "#node/transition/block/process-lot-closed.ts";
import { grant } from "#node/transition/epoch/flk-grants.ts";
import { State } from "#node/transition/state.ts";
import { GRANT_EPOCHS } from "#protocol/params/limits.ts";
import { minBigint } from "#protocol/types/bigint.ts";
import type { EpochReport } from "#protocol/types/settlement.ts";
import { Disk } from "../support/disk.ts";
import { accountOf } from "../support/keys.ts";
import { addressValue, buyback, client, FLK, World } from "../support/world.ts";

/** Nodes 1 and 2 earn in the running epoch; their buyback parts are 60 and 40 000 micro-USD. */
function work(world: World): void {
  const { epoch } = world.state;
  world.run(world.authorize(client, `s${epoch}`));
  for (const [node, units] of [
    [1, 600_000n],
    [2, 400_003_000n],
  ] as const)
    world.run(world.submitAcks(node, [world.ack(client, `s${epoch}`, { node, units })]));
}

function workedEpochs(count: number, options: ConstructorParameters<typeof World>[0] = {}): World {
  const world = new World({ deposits: [[client, 10n ** 12n]], ...options });
  for (let epoch = 0; epoch < count; epoch++) {
    work(world);
    world.close();
  }
  return world;
}

const rewards = ({ nodes }: EpochReport): bigint[] => nodes.slice(0, 2).map(({ rewardFlk }) => rewardFlk);

test("nothing is granted before the lot has closed, and then at the next close, half of each node's part of the burn", () => {
  const world = workedEpochs(1);
  assert.equal(world.closed[0]?.report.flkMinted, 0n);
  const before = world.close().report;
  assert.deepEqual([before.flkMinted, before.grants], [0n, []]);
  world.sellLot(0, 0, 40_060n * FLK);
  assert.equal(world.payout(world.node(1).owner).flk, 0n);
  const { report, settlement } = world.close();
  // scheduled: 9.5 FLK · 600 / 400 603 for node 1, the rest for node 2; κ · burn is far above
  const scheduled = world.closed[0]?.report.nodes.map(({ scheduledFlk }) => scheduledFlk) ?? [];
  assert.deepEqual(rewards(report), scheduled.slice(0, 2));
  assert.deepEqual(report.grants, [
    { epoch: 0, lotBuyback: 40_060n, lotBurn: 40_060n * FLK, flk: report.flkMinted },
  ]);
  assert.equal(settlement.totalPayoutFlk, report.flkMinted);
  assert.equal(world.close().report.flkMinted, 0n);
});

test("where the burn binds, a node gets κ of what its buyback part burned", () => {
  const world = workedEpochs(1);
  world.sellLot(0, 0, 40_060n * 10n ** 10n);
  assert.deepEqual(rewards(world.close().report), [30n * 10n ** 10n, 20_000n * 10n ** 10n]);
  assert.equal(world.payout(world.node(2).owner).flk, 20_000n * 10n ** 10n);
});

test("a lot of several epochs grants each epoch its own, and what it sold beside them burned for nobody", () => {
  const world = workedEpochs(3);
  // 3 · 40 060 of the epochs, as much left by an earlier lot, and a third that stays unsold
  const own = 120_180n;
  const burned = 120_180n * 10n ** 10n;
  const counted = burned / 2n;
  world.sellLot(0, 2, burned, { sold: (own * 4n) / 3n, rolled: (own * 2n) / 3n, counted });
  const { report } = world.close();
  const half = 10n ** 10n / 2n;
  assert.deepEqual(rewards(report), [3n * 30n * half, 3n * 20_000n * half]);
  assert.deepEqual(
    report.grants.map(({ epoch, lotBuyback, lotBurn, flk }) => [epoch, lotBuyback, lotBurn, flk]),
    [0, 1, 2].map((epoch) => [epoch, own, counted, 20_030n * half]),
  );
});

test("money that reached the auction on another way grants nothing, also when the auction counts it", () => {
  const world = new World({ deposits: [[client, 10n ** 12n]] });
  world.block({ events: [{ type: "payeeSet", nodeId: 2, payee: buyback.address }] });
  work(world);
  const { report } = world.close();
  assert.equal(world.payout(buyback.address).stable, report.buyback + 280_003n);
  // the auction counts all that it was paid for the epoch: 320 063, of which 40 060 are the buyback
  const all = report.buyback + 280_003n;
  world.sellLot(0, 0, all * 10n ** 10n, { sold: all });
  assert.deepEqual(rewards(world.close().report), [30n * 10n ** 10n, 20_000n * 10n ** 10n]);
});

test("an epoch has one lot: later ones, those of other auctions and of other epochs grant nothing", () => {
  const world = workedEpochs(2);
  world.sellLot(0, 0, 10n ** 15n, { auction: accountOf("another auction").address });
  world.sellLot(2, 1 << 30, 10n ** 15n);
  assert.equal(world.close().report.flkMinted, 0n);
  world.sellLot(0, 0, 0n, { sold: 0n, rolled: 40_060n });
  world.sellLot(0, 0, 10n ** 15n);
  assert.equal(world.close().report.flkMinted, 0n);
  world.sellLot(0, 1, 10n ** 15n);
  const { report } = world.close();
  assert.deepEqual(
    report.grants.map(({ epoch }) => epoch),
    [1],
  );
  assert.ok(report.flkMinted > 0n);
  world.sellLot(0, 1, 10n ** 18n);
  assert.equal(world.close().report.flkMinted, 0n);
});

test("an empty lot, and amounts that no auction can have, stop nothing and grant no more than the schedule", () => {
  const most = (1n << 256n) - 1n;
  const world = workedEpochs(2);
  world.sellLot(0, 0, most, { sold: 0n });
  assert.equal(world.close().report.flkMinted, 0n);
  world.sellLot(1, 1, most, { sold: 1n, counted: most });
  const { report } = world.close();
  assert.equal(report.flkMinted, scheduledOf(world, 1));
});

function scheduledOf(world: World, epoch: number): bigint {
  const nodes = world.closed[epoch]?.report.nodes ?? [];
  return nodes.reduce((sum, { scheduledFlk }) => sum + scheduledFlk, 0n);
}

test("what waits outlives a restart, and after so many epochs it grants nothing", () => {
  const world = workedEpochs(2);
  const disk = new Disk();
  disk.save(world.state);
  world.state = State.load(world.network, disk.records());
  while (world.state.epoch < GRANT_EPOCHS + 1) world.close();
  // epoch 0 has made room; epoch 1 is the oldest that waits
  world.sellLot(0, 1, 2n * 40_060n * 10n ** 10n);
  const { report } = world.close();
  assert.deepEqual(rewards(report), [30n * 10n ** 10n, 20_000n * 10n ** 10n]);
  assert.deepEqual(
    report.grants.map(({ epoch }) => epoch),
    [1],
  );
  assert.equal(world.state.grants.size, GRANT_EPOCHS);
});

test("an epoch whose buyback went elsewhere or nowhere waits for nothing", () => {
  const other = accountOf("another payee");
  const world = workedEpochs(1, { parameters: { buyback: addressValue(other) } });
  world.sellLot(0, 0, 10n ** 15n);
  assert.equal(world.close().report.flkMinted, 0n);
  const nowhere = workedEpochs(1, { parameters: { buyback: 0n } });
  nowhere.sellLot(0, 0, 10n ** 15n, { auction: new Uint8Array(20), sold: 100n });
  assert.equal(nowhere.close().report.flkMinted, 0n);
});

test("κ is that of the epoch that earned, and counts as at most a half", () => {
  const world = new World({ parameters: { kappaBps: 1000n } });
  const next = { type: "parameterSet" as const, key: "kappaBps" as const, value: (1n << 256n) - 1n };
  world.block({ events: [next] });
  work(world);
  world.close();
  work(world);
  world.close();
  world.sellLot(0, 1, 80_120n * 10n ** 10n);
  const flk = world.close().report.grants.map((granted) => granted.flk);
  assert.deepEqual(flk, [4_006n * 10n ** 10n, 20_030n * 10n ** 10n]);
});

test("FLK goes to whom the node names at the close that grants it, also when it earned nothing since", () => {
  const world = workedEpochs(1);
  const payee = accountOf("payee").address;
  world.sellLot(0, 0, 40_060n * 10n ** 10n);
  world.block({ events: [{ type: "payeeSet", nodeId: 2, payee }] });
  const { report } = world.close();
  assert.equal(report.revenue, 0n);
  assert.deepEqual(world.payout(payee), { stable: 0n, flk: 20_000n * 10n ** 10n });
});

test("over all lots and splits, grants stay below κ of what the lot counts, and below what its own money burned", () => {
  const amount = fc.bigInt({ min: 0n, max: 10n ** 13n });
  const wei = fc.bigInt({ min: 0n, max: 10n ** 26n });
  const lots = fc.record({
    parts: fc.array(fc.tuple(amount, wei), { minLength: 1, maxLength: 8 }),
    foreign: amount,
    unsold: amount,
    burned: wei,
    counted: wei,
    kappaBps: fc.bigInt({ min: 0n, max: 5_000n }),
  });
  fc.assert(
    fc.property(lots, ({ parts, foreign, unsold, burned, counted, kappaBps }) => {
      const lotBuyback = parts.reduce((sum, [part]) => sum + part, 0n);
      const total = lotBuyback + foreign;
      const rolled = minBigint(unsold, total);
      const burn = lotBurn({ sold: total - rolled, rolled, burned, counted }, lotBuyback);
      const granted = parts.map(([part, scheduled]) => {
        const flk = grant({ scheduled, kappaBps, lotBurn: burn, buyback: part, lotBuyback });
        assert.ok(flk <= scheduled);
        return flk;
      });
      const sum = granted.reduce((all, flk) => all + flk, 0n);
      assert.ok(sum * 10_000n <= kappaBps * counted);
      assert.ok(sum * 10_000n * total <= kappaBps * burned * lotBuyback);
    }),
    { seed: 5 },
  );
});
