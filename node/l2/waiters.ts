import type { FlkError } from "#protocol/errors/error.ts";
import { l2Error } from "./errors.ts";

/** Promises that settle when a condition on the reader's progress holds, when it fails for good, or when given up. */
export class Waiters {
  #waiting = new Set<{ ready: () => boolean; resolve: () => void; reject: (error: unknown) => void }>();
  #failure: unknown;

  /** @throws ERR_ABORTED, or what `fail` was given */
  until(ready: () => boolean, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      if (signal?.aborted) return reject(aborted());
      if (ready()) return resolve();
      const done = () => {
        this.#waiting.delete(entry);
        signal?.removeEventListener("abort", onAbort);
      };
      const onAbort = () => entry.reject(aborted());
      const entry = {
        ready,
        resolve: () => {
          done();
          resolve();
        },
        reject: (error: unknown) => {
          done();
          reject(error);
        },
      };
      signal?.addEventListener("abort", onAbort);
      this.#waiting.add(entry);
    });
  }

  /** Something moved. */
  check(): void {
    for (const entry of [...this.#waiting]) if (entry.ready()) entry.resolve();
  }

  fail(error: unknown): void {
    this.#failure = error;
    for (const entry of [...this.#waiting]) entry.reject(error);
  }
}

export function aborted(): FlkError {
  return l2Error("ERR_ABORTED", "waiting for the L2 was given up");
}
