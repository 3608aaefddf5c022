import { isFlkError } from "#protocol/errors/error.ts";
import { storeError } from "./errors.ts";

interface Waiting<Item> {
  items: readonly Item[];
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Commits one batch at a time, in the order of the calls; what arrives while a commit runs shares the next one, so that
 * many small writes cost one sync. After a failure nothing more is written: what reached the disk is then unknown.
 */
export class GroupCommit<Item> {
  #commit: (items: Item[]) => Promise<void>;
  #waiting: Waiting<Item>[] = [];
  #running: Promise<void> | undefined;
  #failure: unknown;

  constructor(commit: (items: Item[]) => Promise<void>) {
    this.#commit = commit;
  }

  write(items: readonly Item[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ items, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when all writes so far have ended. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        if (this.#failure !== undefined) {
          throw storeError("ERR_STORE", "an earlier write failed", {}, { cause: this.#failure });
        }
        await this.#commit(group.flatMap((entry) => [...entry.items]));
        for (const entry of group) entry.resolve();
      } catch (error) {
        this.#failure ??= error;
        const coded = isFlkError(error)
          ? error
          : storeError("ERR_STORE", "the database could not write", {}, { cause: error });
        for (const entry of group) entry.reject(coded);
      }
    }
    this.#running = undefined;
  }
}
