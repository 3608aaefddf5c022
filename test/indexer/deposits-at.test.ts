import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import type { Store } from "#indexer/store/database.ts";
import { accounts, deposits } from "#indexer/store/schema.ts";
import { readDeposits } from "#indexer/sync/reports.ts";
import { openStore } from "./support/storage.ts";

const TX = `0x${"1".repeat(64)}` as const;
const ADDRESSES = ["a", "b", "c", "d"].map((digit) => `0x${digit.repeat(40)}`);

describe("deposits up to an L2 block", () => {
  let store: Store;
  before(async () => {
    store = await openStore("deposits-at");
  });
  after(() => store.close());

  it("are those of the logs up to it, whatever came later", async () => {
    const log = fc.record({
      account: fc.constantFrom(...ADDRESSES),
      amount: fc.bigInt(1n, 10n),
      block: fc.integer({ min: 1, max: 9 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(log, { maxLength: 30 }),
        fc.integer({ min: 0, max: 10 }),
        async (logs, last) => {
          await store.db.delete(deposits);
          await store.db.delete(accounts);
          const [now, then] = [new Map<string, bigint>(), new Map<string, bigint>()];
          for (const [logIndex, { account, amount, block }] of logs
            .toSorted((a, b) => a.block - b.block)
            .entries()) {
            const total = (now.get(account) ?? 0n) + amount;
            now.set(account, total);
            if (block <= last) then.set(account, total);
            await store.db
              .insert(deposits)
              .values({ block, logIndex, txHash: TX, time: 0, account, from: account, amount, total });
          }
          for (const [address, total] of now)
            await store.db.insert(accounts).values({ address, deposits: total });
          await store.db.insert(accounts).values({ address: `0x${"e".repeat(40)}` });
          assert.deepEqual(
            new Map([...(await readDeposits(store.db, last))].sort()),
            new Map([...then].sort()),
          );
        },
      ),
      { numRuns: 40, seed: 7 },
    );
  });
});
