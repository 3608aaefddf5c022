import { type Client, createClient } from "graphql-ws";
import { useEffect, useState } from "preact/hooks";
import { shared, useShared } from "../shared.ts";
import type { Document } from "./request.ts";

/** ms between two refreshes by what changed: blocks come faster than people read */
const REFRESH_MS = 1_000;

/** ms at most before the indexer is tried again */
const RETRY_MOST_MS = 10_000;

let client: Client | undefined;
const connected = shared(false);

function connection(): Client {
  client ??= createClient({
    url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: async (retries) => {
      const most = Math.min(RETRY_MOST_MS, 1_000 * 2 ** Math.min(retries, 10));
      await new Promise((resolve) => setTimeout(resolve, most / 2 + (Math.random() * most) / 2));
    },
    shouldRetry: () => true,
    on: {
      connected: () => connected.set(true),
      closed: () => connected.set(false),
    },
  });
  return client;
}

/** Whether changes arrive. */
export function useConnected(): boolean {
  return useShared(connected);
}

/** Calls `next` with each answer of a subscription while the component is there. */
export function useSubscription<Data, Variables extends Record<string, unknown>>(
  document: Document<Data, Variables> | undefined,
  variables: Variables,
  next: (data: Data) => void,
): void {
  const query = document?.text;
  const given = JSON.stringify(variables);
  useEffect(() => {
    if (query === undefined) return undefined;
    return connection().subscribe<Data>(
      { query, variables: JSON.parse(given) as Variables },
      {
        next: ({ data }) => {
          if (data) next(data);
        },
        // refused: the page stays as it was read, and says that it is not live
        error: () => connected.set(false),
        complete: () => undefined,
      },
    );
  }, [query, given]);
}

/** A number that rises when the subscription tells of a change, at most once per REFRESH_MS: for `useQuery` to read again. */
export function useRevision<Data, Variables extends Record<string, unknown>>(
  document: Document<Data, Variables> | undefined,
  variables: Variables,
): number {
  const [revision, setRevision] = useState(0);
  const [pace] = useState(createPace);
  useEffect(() => pace.stop, []);
  useSubscription(document, variables, () => pace.run(() => setRevision((known) => known + 1)));
  return revision;
}

function createPace(): { run(action: () => void): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = Number.NEGATIVE_INFINITY;
  return {
    run(action) {
      if (timer !== undefined) return;
      const wait = Math.max(0, last + REFRESH_MS - performance.now());
      timer = setTimeout(() => {
        timer = undefined;
        last = performance.now();
        action();
      }, wait);
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
