import type { IndexerLogger } from "../logger.ts";
import { readCursor } from "../store/cursor.ts";
import type { Database } from "../store/database.ts";
import { runLoop } from "../sync/loop.ts";

/** ms between two looks at the database while somebody waits */
const LOOK_MS = 250;

/** Tells who waits that rows may have changed: by the database, so that replicas hear it as well as the writer. */
export interface Changes {
  /** The revision, as soon as it is another one than `seen`; never again once stopped. */
  after(seen: number | undefined): Promise<number>;
  stop(): Promise<void>;
}

/** One look serves all who wait. */
export function createChanges(db: Database, logger: IndexerLogger): Changes {
  const abort = new AbortController();
  const waiting = new Set<{ seen: number | undefined; resolve: (revision: number) => void }>();
  const looking = runLoop({
    name: "changes",
    pollMs: LOOK_MS,
    signal: abort.signal,
    logger,
    status: { problem: undefined, caughtUp: false },
    step: async () => {
      if (waiting.size === 0) return "idle";
      const { revision } = await readCursor(db);
      for (const waiter of waiting) {
        if (waiter.seen === revision) continue;
        waiting.delete(waiter);
        waiter.resolve(revision);
      }
      return "idle";
    },
  });
  return {
    after: (seen) => new Promise((resolve) => waiting.add({ seen, resolve })),
    async stop() {
      abort.abort();
      await looking;
    },
  };
}
