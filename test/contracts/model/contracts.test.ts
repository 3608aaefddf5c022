import { after, before, test } from "node:test";
import fc from "fast-check";
import { ACTIONS, goOn } from "./actions.ts";
import { Network } from "./network.ts";

/**
 * Random walks over the deployed contracts beside ledgers in TypeScript: after every action each balance, request and status must be what the
 * ledgers say, and a refusal must be the one that they expect. `FLK_FUZZ=long` walks for an hour from another seed.
 */
const LONG = process.env.FLK_FUZZ === "long";
const MINUTES = LONG ? 60 : 0.6;

let network: Network;
before(async () => {
  network = await Network.start();
});
after(() => network?.stop());

test("balances of the contracts are those of a ledger in TypeScript, whatever is done", {
  timeout: MINUTES * 240_000,
}, async (t) => {
  const end = performance.now() + MINUTES * 60_000;
  let walks = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.commands(ACTIONS, { maxCommands: LONG ? 400 : 80, size: "max" }),
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
});
