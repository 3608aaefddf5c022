/** `stop` is idempotent, ends every timer and socket it opened, and resolves when nothing of it runs any more. */
export interface Startable {
  start(): Promise<void>;
  stop(): Promise<void>;
}
