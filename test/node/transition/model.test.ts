import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RECEIPT_CODES } from "#protocol/errors/codes.ts";
import type { Ack } from "#protocol/types/ack.ts";
import { Model } from "./support/model.ts";
import { PlainOutside } from "./support/outside.ts";
import { ACCOUNTS, history } from "./support/steps.ts";
import { buyback, client, EPOCH_MS, World } from "./support/world.ts";

test("over random histories money is conserved at every block, every payment is exact, lanes never pay twice, limits hold, and grants stay below what burned", async () => {
  const seen = new Set<string>();
  let granted = 0n;
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      const model = new Model(new PlainOutside(buyback.address));
      await model.begin();
      for (const step of steps) await model.apply(step);
      for (const code of model.seen) seen.add(code);
      granted += model.world.state.meta.value.totalPayoutFlk;
      model.checkReplay();
    }),
    { numRuns: 40, seed: 7 },
  );
  const wanted = [
    "OK",
    "ACK_NO_CHANGE",
    "ACK_PARTIAL_BALANCE",
    "ACK_PARTIAL_LIMIT",
    "ACK_UNPAID_BALANCE",
    "ACK_UNPAID_LIMIT",
    "ERR_ACK_EPOCH",
    "paid for a delegated key",
  ];
  assert.deepEqual(
    wanted.filter((code) => !seen.has(code)),
    [],
  );
  assert.ok(granted > 0n, "no history granted anything");
});

test("while the account is funded, the order and the grouping of submissions in an epoch change no total", () => {
  const one = fc.record({
    node: fc.integer({ min: 1, max: 3 }),
    lane: fc.nat(2),
    units: fc.nat(3_000_000),
    count: fc.integer({ min: 1, max: 9 }),
  });
  const cases = fc.record({
    acks: fc.array(one, { minLength: 1, maxLength: 8 }),
    order: fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
    size: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(cases, ({ acks, order, size }) => {
      const run = (list: Pick<Ack, "node" | "lane" | "units" | "count">[], perBlock: number) => {
        const world = new World();
        world.run(world.authorize(client, "s"));
        const all = list.map((fields) => world.submitAcks(fields.node, [world.ack(client, "s", fields)]));
        for (let at = 0; at < all.length; at += perBlock)
          world.block({ transactions: all.slice(at, at + perBlock) });
        const { report } = world.close({ time: world.genesis.startTime + EPOCH_MS });
        const work = report.nodes.map((node) => node.work.map(({ units, revenue }) => [units, revenue]));
        return [world.balance(client), work, report.payouts, report.units, report.revenue];
      };
      const list = acks.map((fields) => ({ ...fields, units: BigInt(fields.units) }));
      const shuffled = list
        .map((fields, i) => ({ fields, key: order[i] ?? 0 }))
        .sort((a, b) => a.key - b.key)
        .map(({ fields }) => fields);
      assert.deepEqual(run(shuffled, size), run(list, 1));
    }),
    { numRuns: 25, seed: 3 },
  );
});

test("the same history cut into blocks differently ends with the same money", () => {
  const run = (size: number) => {
    const world = new World();
    const [owner] = ACCOUNTS;
    assert.ok(owner);
    world.block({ events: [{ type: "deposit", account: owner.address, amount: 5_000n, total: 5_000n }] });
    world.run(world.authorize(owner, "s"));
    const all = [900_000n, 100_000n, 2_000_000n, 2_000_000n, 9_000_000n].map((units) =>
      world.submitAcks(1, [world.ack(owner, "s", { units })]),
    );
    for (let at = 0; at < all.length; at += size) {
      const { block } = world.block({ transactions: all.slice(at, at + size) });
      for (const receipt of block.receipts) assert.equal(RECEIPT_CODES[receipt.status], "OK");
    }
    return [world.balance(owner), world.close({ time: world.genesis.startTime + EPOCH_MS }).report.payouts];
  };
  assert.deepEqual(run(1), run(2));
  assert.deepEqual(run(1), run(5));
});
