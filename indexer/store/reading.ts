import { drizzle } from "drizzle-orm/node-postgres";
import type { Pool, PoolClient, QueryConfig } from "pg";
import type { Reading } from "./database.ts";

/** What a request reads through, so that it takes no more of the database than its share, and nothing once it is given up. */
interface Share {
  /** Runs `fn` when one of the places is free. @throws when the share was given up before */
  run<T>(fn: () => Promise<T>): Promise<T>;
  /** @throws when the share is given up */
  check(): void;
  /** Nothing that waits begins any more. */
  giveUp(): void;
}

function createShare(places: number): Share {
  const waiting: (() => void)[] = [];
  let free = places;
  let over = false;
  const check = () => {
    if (over) throw new Error("the request was given up");
  };
  return {
    check,
    async run(fn) {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        check();
        return await fn();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else free++;
      }
    },
    giveUp() {
      over = true;
    },
  };
}

/** The reads of one request, `places` of them at once. `end`: ends the statement that runs on a connection, which nobody gets again. */
export function readThrough(pool: Pool, places: number, end?: (client: PoolClient) => void): Reading {
  const share = createShare(places);
  const running = new Map<PoolClient, { ended: boolean }>();
  const query = (config: QueryConfig, values?: unknown[]) =>
    share.run(async () => {
      const client = await pool.connect();
      const state = { ended: false };
      running.set(client, state);
      try {
        share.check();
        return await client.query(config, values);
      } finally {
        running.delete(client);
        // what was told to end may end the next statement instead
        client.release(state.ended);
      }
    });
  return {
    db: drizzle({ client: { query } as unknown as Pool }),
    giveUp() {
      share.giveUp();
      if (!end) return;
      for (const [client, state] of running) {
        state.ended = true;
        end(client);
      }
    },
  };
}
