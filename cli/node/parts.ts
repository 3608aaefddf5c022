import type { Startable } from "#node/interface/startable.ts";

/** Parts that start in order and stop in the reverse order; what has not started is not stopped. */
export class Parts {
  readonly #started: Startable[] = [];

  async start(...parts: Startable[]): Promise<void> {
    for (const part of parts) {
      this.#started.push(part);
      await part.start();
    }
  }

  /** Every part is stopped even if one fails. @throws the first failure */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (let part = this.#started.pop(); part; part = this.#started.pop()) {
      try {
        await part.stop();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
