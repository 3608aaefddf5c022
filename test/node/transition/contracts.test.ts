import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { toHex } from "#protocol/types/hex.ts";
import { ContractsOutside } from "./support/contracts-outside.ts";
import { Model } from "./support/model.ts";
import { history } from "./support/steps.ts";

const RUNS = 8;

let contracts: ContractsOutside;
before(async () => {
  contracts = await ContractsOutside.start();
});
after(() => contracts?.stop());

/** What the contracts hold for everybody is what the model says, to the unit. */
async function assertSame(model: Model, before: { supply: bigint }): Promise<void> {
  const { state } = model.world;
  const { vault, settlement, deployer } = contracts.l2.deployment;
  const { totalBalances, totalPayoutStable, totalPayoutFlk } = state.meta.value;
  const records = [...state.accounts.values()];
  let sold = 0n;
  let burned = 0n;
  for (const lot of model.lots) [sold, burned] = [sold + lot.sold, burned + lot.burned];
  for (const { account, payoutStable, payoutFlk } of records) {
    const isAuction = toHex(account) === toHex(contracts.auction);
    const who = toHex(account);
    assert.deepEqual(await contracts.claimed(account), { stable: payoutStable, flk: payoutFlk }, who);
    assert.equal(await contracts.stableOf(who), payoutStable - (isAuction ? sold : 0n), who);
    assert.equal(await contracts.flkOf(who), payoutFlk, who);
  }
  assert.equal(await contracts.stableOf(vault), totalBalances);
  assert.equal(await contracts.stableOf(settlement), 0n);
  assert.equal(await contracts.flkOf(settlement), 0n);
  assert.equal(await contracts.flkSupply(), before.supply + totalPayoutFlk - burned);
  const deposited = model.deposits.reduce((sum, amount) => sum + amount, 0n);
  assert.equal(totalBalances + totalPayoutStable, deposited);
  assert.equal(await contracts.stableOf(deployer), 10n ** 15n - deposited + sold);
}

test("the same histories through the L2's contracts: settled, sold, minted and claimed, their balances are the model's", async (t) => {
  let granted = 0n;
  let lots = 0;
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      await contracts.reset();
      const before = { supply: await contracts.flkSupply() };
      const { network, startBlock } = contracts;
      const model = new Model(contracts, { network, startBlock });
      await model.begin();
      for (const step of steps) await model.apply(step);
      // what waits is sold and granted
      await model.close();
      await model.apply({ do: "sell", share: 10_000 });
      await model.close();
      await contracts.claimAll();
      await assertSame(model, before);
      granted += model.world.state.meta.value.totalPayoutFlk;
      lots += model.lots.length;
    }),
    { numRuns: RUNS, seed: 21 },
  );
  t.diagnostic(`${lots} lots, ${granted} wei granted`);
  assert.ok(granted > 0n && lots > RUNS);
});
