import type { IndexerLogger } from "../logger.ts";
import { readCursor } from "../store/cursor.ts";
import type { Database } from "../store/database.ts";
import { runLoop } from "../sync/loop.ts";

/** ms between two looks at the database while somebody waits */
const LOOK_MS = 250;

/** Tells who waits that rows may have changed: by the database, so that replicas hear it as well as the writer. */
export interface Changes {
  /** The revision, as soon as it is another one than `seen`; undefined once `signal` aborts. */
  after(seen: number | undefined, signal: AbortSignal): Promise<number | undefined>;
  stop(): Promise<void>;
}

interface Waiter {
  seen: number | undefined;
  resolve(revision: number | undefined): void;
}

/** One look serves all who wait. */
export function createChanges(db: Database, logger: IndexerLogger): Changes {
  const abort = new AbortController();
  const waiting = new Set<Waiter>();
  const looking = runLoop({
    name: "changes",
    pollMs: LOOK_MS,
    signal: abort.signal,
    logger,
    status: { problem: undefined, caughtUp: false },
    step: async () => {
      if (waiting.size === 0) return "idle";
      const { revision } = await readCursor(db);
      for (const waiter of [...waiting]) if (waiter.seen !== revision) waiter.resolve(revision);
      return "idle";
    },
  });
  return {
    after: (seen, signal) =>
      new Promise((done) => {
        const leave = () => waiter.resolve(undefined);
        const waiter: Waiter = {
          seen,
          resolve: (revision) => {
            waiting.delete(waiter);
            signal.removeEventListener("abort", leave);
            done(revision);
          },
        };
        waiting.add(waiter);
        signal.addEventListener("abort", leave);
        if (signal.aborted || abort.signal.aborted) leave();
      }),
    async stop() {
      abort.abort();
      for (const waiter of [...waiting]) waiter.resolve(undefined);
      await looking;
    },
  };
}
