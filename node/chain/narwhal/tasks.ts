/** Background work of one epoch: `idle` resolves when none runs any more; what it throws goes to `failed`. */
export class Tasks {
  #running = new Set<Promise<void>>();
  #failed: (error: unknown) => void;

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  run(task: () => Promise<void>): void {
    const running = task().catch((error) => this.#failed(error));
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
  }

  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
