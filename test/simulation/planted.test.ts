import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { BugName } from "./planted/bugs.ts";

const PLANT = fileURLToPath(new URL("./planted/plant.ts", import.meta.url));
const MAIN = fileURLToPath(new URL("./run/main.ts", import.meta.url));

/** The simulator with the bug planted, or as it is. */
function simulate(args: string, bug?: BugName): Promise<{ code: number; said: string }> {
  const options = bug
    ? { node: ["--import", PLANT], env: { ...process.env, FLK_PLANTED_BUG: bug } }
    : { node: [], env: process.env };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...options.node, MAIN, ...args.split(" ")],
      { env: options.env },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }),
    );
  });
}

/** What finds each bug, and how it shows. The clean build passes the same. */
const FOUND: Record<BugName, { by: string; as: RegExp }> = {
  voteNotPersisted: {
    by: "--seed 1 --nodes 4 --profile all --jobs 1",
    as: /ERR_DOPPELGANGER|signed twice: vote/,
  },
  proposalMadeAgain: { by: "--seed 1 --nodes 4 --profile crash --jobs 1", as: /ERR_VOTE_EQUIVOCATION/ },
  parentsUnchecked: { by: "--seed 6 --nodes 4 --profile all --jobs 1", as: /has another block/ },
  windowSkipped: {
    by: "--seed 2 --nodes 4 --profile copies --jobs 1",
    as: /signed twice|from an old backup|noticed a second copy/,
  },
  blocksUnchecked: {
    by: "--seed 16 --nodes 7 --profile liars --jobs 1",
    as: /ERR_STATE_DIVERGED|has another block/,
  },
  batchesUnchecked: { by: "--seed 16 --nodes 7 --profile liars --jobs 1", as: /has another block/ },
  commitAtF: { by: "--permutations sample", as: /[1-9]\d* gave another order/ },
  collectByLocalRound: { by: "--permutations sample", as: /[1-9]\d* gave another order/ },
};

for (const [bug, { by, as }] of Object.entries(FOUND)) {
  test(`the simulator finds a planted bug: ${bug}`, async () => {
    const { code, said } = await simulate(by, bug as BugName);
    assert.equal(code, 1, said);
    assert.match(said, as);
  });
}

for (const by of new Set(Object.values(FOUND).map((found) => found.by))) {
  test(`what finds planted bugs finds none without: ${by}`, async () => {
    const { code, said } = await simulate(by);
    assert.equal(code, 0, said);
  });
}
