import assert from "node:assert/strict";
import { test } from "node:test";
import {
  committeeHash,
  EMPTY_SLASH_LIST,
  reportHash,
  settlementDigest,
} from "#protocol/digests/settlement.ts";
import { balanceRoot, payoutRoot } from "#protocol/digests/trees.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { decode } from "#protocol/types/codec.ts";
import { EpochReport } from "#protocol/types/settlement.ts";
import { accountOf } from "../support/keys.ts";
import { buyback, client, EPOCH_MS, FLK, START, serviceOwner, treasury, World } from "../support/world.ts";

function workedEpoch(options: ConstructorParameters<typeof World>[0] = {}): World {
  const world = new World(options);
  world.run(world.authorize(client, "s"));
  const acks = (node: number, units: bigint) => [world.ack(client, "s", { node, units, count: 2 })];
  world.run(world.submitAcks(1, acks(1, 600_000n)));
  world.run(world.submitAcks(2, acks(2, 400_003_000n)));
  return world;
}

test("the epoch's revenue becomes payouts of node owners, service owner, treasury and buyback", () => {
  const world = workedEpoch();
  const { report } = world.close();
  assert.equal(report.revenue, 400_603n);
  assert.deepEqual([report.lanes, report.deliveries, report.units], [2, 4, 400_603_000n]);
  // 600 → 420/60/60/60; 400,003 → 280,002/40,000/40,000/40,000 and 1 left over, which is the node's
  assert.equal(world.payout(world.node(1).owner).stable, 420n);
  assert.equal(world.payout(world.node(2).owner).stable, 280_003n);
  assert.equal(world.payout(serviceOwner.address).stable, 40_060n);
  assert.equal(world.payout(treasury.address).stable, 40_060n);
  assert.equal(world.payout(buyback.address).stable, 40_060n);
  assert.deepEqual([report.treasury, report.buyback], [40_060n, 40_060n]);
  assert.equal(report.services[0]?.rewardStable, 40_060n);
});

test("a node's payee gets what the node earned, and a service's new owner what the service did", () => {
  const world = workedEpoch();
  const [payee, owner] = [accountOf("payee").address, accountOf("new owner").address];
  world.block({
    events: [
      { type: "payeeSet", nodeId: 2, payee },
      { type: "serviceTransferred", serviceId: 0, owner },
    ],
  });
  world.close();
  assert.deepEqual(world.payout(payee), { stable: 280_003n, flk: 0n });
  assert.deepEqual(world.payout(world.node(2).owner), { stable: 0n, flk: 0n });
  assert.equal(world.payout(owner).stable, 40_060n);
  assert.equal(world.payout(serviceOwner.address).stable, 0n);
});

test("the schedule is shared by revenue, and what it has for each node waits for the lot of its buyback", () => {
  const world = workedEpoch({ flkSupply: 100n * FLK });
  const { report } = world.close();
  const emission = (1000n * 100n * FLK * BigInt(EPOCH_MS)) / (10_000n * 31_536_000_000n);
  assert.equal(report.flkScheduled, emission);
  assert.deepEqual(
    report.nodes
      .slice(0, 3)
      .map(({ scheduledFlk, rewardFlk, buyback: part }) => [scheduledFlk, rewardFlk, part]),
    [
      [(emission * 600n) / 400_603n, 0n, 60n],
      [(emission * 400_003n) / 400_603n, 0n, 40_000n],
      [0n, 0n, 0n],
    ],
  );
  assert.equal(report.flkMinted, 0n);
});

test("without treasury and buyback addresses nothing is lost and no FLK is granted", () => {
  const world = workedEpoch({ parameters: { treasury: 0n, buyback: 0n } });
  const { report } = world.close();
  assert.deepEqual([report.treasury, report.buyback, report.flkMinted], [0n, 0n, 0n]);
  assert.equal(world.payout(world.node(1).owner).stable, 540n);
  assert.equal(world.payout(serviceOwner.address).stable, 40_060n);
});

test("the settlement commits to the report, the payouts, the balances, the state and the next committee", () => {
  const world = workedEpoch();
  const { report, settlement, committee, nextCommittee } = world.close();
  assert.deepEqual(settlement, {
    epoch: 0,
    previous: world.genesis.digest,
    closeTime: START + EPOCH_MS,
    l2Number: 100,
    l2Hash: world.genesis.checkpoint.hash,
    stateRoot: world.state.root(),
    payoutRoot: payoutRoot(report.payouts),
    balanceRoot: balanceRoot(report.balances),
    reportHash: reportHash(decode(EpochReport, EpochReport.serialize(report))),
    totalBalances: 1_000_000n - 400_603n,
    totalPayoutStable: 400_603n,
    totalPayoutFlk: report.flkMinted,
    slashListHash: EMPTY_SLASH_LIST,
    nextCommitteeHash: committeeHash(nextCommittee),
  });
  assert.deepEqual(committee, world.genesis.committee);
  assert.deepEqual(world.state.committee(), nextCommittee);
  assert.equal(settlementDigest(settlement).length, 32);
});

test("ERR_STATE_INCONSISTENT when revenue has no earner: it is never dropped", () => {
  const world = workedEpoch();
  const [work] = world.state.work.values();
  world.state.work.put({ ...(work ?? assert.fail()), node: 99 });
  assert.throws(
    () => world.close(),
    (error) => isFlkError(error, "ERR_STATE_INCONSISTENT"),
  );
});

test("payouts are cumulative, and an epoch without work changes none", () => {
  const world = workedEpoch();
  const first = world.close();
  const second = world.close();
  assert.deepEqual(second.report.payouts, first.report.payouts);
  assert.equal(second.report.revenue, 0n);
  assert.deepEqual(second.settlement.payoutRoot, first.settlement.payoutRoot);
  world.run(world.submitAcks(1, [world.ack(client, "s", { units: 10_000n })]));
  world.close();
  assert.equal(world.payout(world.node(1).owner).stable, 427n);
});

test("the report lists every depositor, also one without balance, and accounts ascend", () => {
  const spender = accountOf("spender");
  const world = workedEpoch({
    deposits: [
      [client, 500_000n],
      [spender, 0n],
      [accountOf("other"), 3n],
    ],
  });
  world.run(world.submitAcks(1, [world.ack(client, "s", { units: 500_000_000n })]));
  const { report } = world.close();
  assert.equal(world.balance(client), 0n);
  assert.equal(report.balances.length, 2);
  for (const list of [report.balances, report.payouts]) {
    const order = list.map((entry) => Buffer.from(entry.account).toString("hex"));
    assert.deepEqual(order, [...order].sort());
  }
});
