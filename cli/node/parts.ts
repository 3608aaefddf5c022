import type { Startable } from "#node/interface/startable.ts";
import { cliError } from "../errors.ts";

/**
 * Parts that start in order and stop in the reverse order. A part that was asked to start is stopped, also while it
 * starts or after it failed; the parts after it are not touched.
 */
export class Parts {
  readonly #started: Startable[] = [];
  #stopped = false;

  /** @throws ERR_INTERRUPTED once `stop` was called, and what a part throws */
  async start(...parts: Startable[]): Promise<void> {
    for (const part of parts) {
      if (this.#stopped) throw cliError("ERR_INTERRUPTED", "stopped while starting");
      this.#started.push(part);
      await part.start();
    }
    if (this.#stopped) throw cliError("ERR_INTERRUPTED", "stopped while starting");
  }

  /** Every part is stopped even if one fails. @throws the first failure */
  async stop(): Promise<void> {
    this.#stopped = true;
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
