import type { Clock } from "#node/interface/clock.ts";

/**
 * Calls `task` every `intervalMs`, never twice at once, and right away on `kick` (once more when it is running).
 * Whatever `task` throws goes to `failed`; the loop goes on.
 */
export class Loop {
  #clock: Clock;
  #intervalMs: number;
  #task: () => Promise<void>;
  #failed: (error: unknown) => void;
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = true;

  constructor(clock: Clock, intervalMs: number, task: () => Promise<void>, failed: (error: unknown) => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#task = task;
    this.#failed = failed;
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.kick();
  }

  kick(): void {
    if (this.#stopped) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#cancel?.();
    this.#cancel = undefined;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancel = undefined;
    await this.#running;
  }

  async #run(): Promise<void> {
    do {
      this.#again = false;
      try {
        await this.#task();
      } catch (error) {
        this.#failed(error);
      }
    } while (this.#again && !this.#stopped);
    this.#running = undefined;
    if (!this.#stopped) this.#cancel = this.#clock.after(this.#intervalMs, () => this.kick());
  }
}
