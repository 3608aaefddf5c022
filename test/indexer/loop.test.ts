import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { type LoopStatus, runLoop } from "#indexer/sync/loop.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

describe("a loop over a source", () => {
  beforeEach(() => mock.timers.enable({ apis: ["Date"] }));
  afterEach(() => mock.timers.reset());

  /** `steps`: what each finds and how long it takes, ms. Whether it counts as caught up after each. */
  async function caughtUpAfter(steps: readonly ["more" | "idle", number][]): Promise<boolean[]> {
    const status: LoopStatus = { problem: undefined, caughtUp: false };
    const stop = new AbortController();
    const seen: boolean[] = [];
    let at = 0;
    await runLoop({
      ...{ name: "l2", pollMs: 1, signal: stop.signal, logger: silent, status },
      step: async () => {
        if (at > 0) seen.push(status.caughtUp);
        const [outcome, ms] = steps[at++] ?? ["idle", 0];
        mock.timers.tick(ms);
        if (at > steps.length) stop.abort();
        return outcome;
      },
    });
    return seen;
  }

  it("has not caught up before a step finds nothing more", async () => {
    assert.deepEqual(
      await caughtUpAfter([
        ["more", 1],
        ["more", 1],
        ["idle", 1],
      ]),
      [false, false, true],
    );
  });

  it("stays so while it has more to do for less than a minute at a time", async () => {
    const seen = await caughtUpAfter([
      ["idle", 1],
      ["more", 59_000],
      ["idle", 1],
      ["more", 59_000],
    ]);
    assert.deepEqual(seen, [true, true, true, true]);
  });

  it("is behind once it has had more to do for a minute, until a step finds nothing", async () => {
    const seen = await caughtUpAfter([
      ["idle", 1],
      ["more", 30_000],
      ["more", 31_000],
      ["idle", 1],
    ]);
    assert.deepEqual(seen, [true, true, false, true]);
  });
});
