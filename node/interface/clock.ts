/** The only source of time and timers for code that the simulator also runs. */
export interface Clock {
  /** Unix ms */
  now(): number;
  /** Calls back once after `ms`; returns a function that cancels. */
  after(ms: number, callback: () => void): () => void;
}
