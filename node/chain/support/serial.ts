/** Runs one task at a time, in the order of the calls. A task that fails does not stop the next. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const next = this.#last.then(task, task);
    this.#last = next.catch(() => undefined);
    return next;
  }

  /** Resolves when every task given so far has ended. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
