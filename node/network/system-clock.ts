import { performance } from "node:perf_hooks";
import type { Clock } from "#node/interface/clock.ts";

/** ms: a longer timer of Node.js fires at once */
const LONGEST_MS = 2 ** 31 - 1;

/** The machine's clock and timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, callback) {
    let timer: ReturnType<typeof setTimeout>;
    const wait = (left: number): void => {
      timer =
        left > LONGEST_MS
          ? setTimeout(() => wait(left - LONGEST_MS), LONGEST_MS)
          : setTimeout(callback, left);
    };
    wait(ms);
    return () => clearTimeout(timer);
  },
};
