import { refKey } from "#node/consensus/own-payload.ts";
import type { BatchRef } from "#protocol/types/consensus.ts";
import type { BatchFetch, BatchFetcher } from "./batch-fetcher.ts";
import type { BatchStore } from "./batch-store.ts";
import type { Tasks } from "./tasks.ts";

/** Batches that one member's header can make us fetch at a time. */
export const MAX_FETCHES_PER_AUTHOR = 8;

interface Pending {
  header: string;
  queue: BatchRef[];
  running: Set<BatchFetch>;
}

/**
 * WRK-PENDING: fetches what the newest header of each member names and is not stored here. Nobody has vouched for such a header yet:
 * it gets a few fetches at a time, and they end when it leaves the inbox.
 */
export class PendingBatches {
  #fetcher: BatchFetcher;
  #batches: BatchStore;
  #tasks: Tasks;
  #byAuthor = new Map<number, Pending>();

  constructor(fetcher: BatchFetcher, batches: BatchStore, tasks: Tasks) {
    this.#fetcher = fetcher;
    this.#batches = batches;
    this.#tasks = tasks;
  }

  /** `header`: id of the header of `author` that names `refs`; an older one of that author is given up. Can be called again. */
  want(author: number, header: string, refs: readonly BatchRef[]): void {
    const known = this.#byAuthor.get(author);
    if (known?.header === header) {
      const ids = new Set([...known.queue.map(refKey), ...[...known.running].map(({ id }) => id)]);
      // ordered between its arrival and this: it is asked for anew, and found on the disk
      known.queue.push(...refs.filter((ref) => !ids.has(refKey(ref))));
      this.#next(author, known);
      return;
    }
    this.#drop(author);
    const pending = { header, queue: [...refs], running: new Set<BatchFetch>() };
    this.#byAuthor.set(author, pending);
    this.#next(author, pending);
  }

  /** Gives up what no header in the inbox names any more. `pendingHeader`: id of an author's header there. */
  prune(pendingHeader: (author: number) => string | undefined): void {
    for (const [author, { header }] of this.#byAuthor) {
      if (pendingHeader(author) !== header) this.#drop(author);
    }
  }

  #drop(author: number): void {
    const pending = this.#byAuthor.get(author);
    if (!pending) return;
    this.#byAuthor.delete(author);
    for (const fetch of pending.running) this.#fetcher.giveUp(fetch);
  }

  #next(author: number, pending: Pending): void {
    while (pending.running.size < MAX_FETCHES_PER_AUTHOR) {
      const ref = pending.queue.shift();
      if (!ref) return;
      if (this.#batches.has(ref)) continue;
      const fetch = this.#fetcher.attempt(ref, author);
      pending.running.add(fetch);
      this.#tasks.run(async () => {
        const batch = await fetch.batch;
        pending.running.delete(fetch);
        if (this.#byAuthor.get(author) !== pending || this.#fetcher.stopped) return;
        // shared with a header of another member that is gone
        if (!batch && !pending.queue.some((other) => refKey(other) === refKey(ref))) pending.queue.push(ref);
        this.#next(author, pending);
      });
    }
  }
}
