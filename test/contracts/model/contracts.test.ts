import { after, before, type TestContext, test } from "node:test";
import fc from "fast-check";
import type { Action } from "./action.ts";
import { Network } from "./network.ts";
import { goOn, MONEY_WALK, STAKE_WALK } from "./walks.ts";

/**
 * Random walks over the deployed contracts beside ledgers in TypeScript: after every action each balance, request, key, parameter and status
 * must be what the ledgers say, and a refusal must be the one that they expect. `FLK_FUZZ=long` walks for an hour each from another seed.
 */
const LONG = process.env.FLK_FUZZ === "long";
const MINUTES = LONG ? 60 : 0.25;

let network: Network;
before(async () => {
  network = await Network.start();
});
after(() => network?.stop());

async function walk(t: TestContext, actions: fc.Arbitrary<Action>[], steps: number): Promise<void> {
  const end = performance.now() + MINUTES * 60_000;
  let walks = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.commands(actions, { maxCommands: LONG ? 400 : steps, size: "max" }),
      async (commands) => {
        // fast-check's own limit would leave the last walk running
        if (walks > 0 && performance.now() > end) return;
        walks++;
        const books = await network.reset();
        await fc.asyncModelRun(() => ({ model: books, real: network }), commands);
        await goOn(books, network);
      },
    ),
    { numRuns: LONG ? 10_000 : 60, ...(LONG ? {} : { seed: 0x666c6b }) },
  );
  t.diagnostic(`${walks} walks`);
}

/** Also what the deployment compiles counts. */
const timeout = MINUTES * 120_000 + 200_000;

test("balances of the contracts are those of a ledger in TypeScript, whatever is done", { timeout }, (t) =>
  walk(t, MONEY_WALK, 80),
);

test(
  "stake, keys, slashes and parameters are those of ledgers in TypeScript, whatever is done",
  { timeout },
  (t) => walk(t, STAKE_WALK, 160),
);
