/** The only source of time and timers for code that the simulator also runs. */
export interface Clock {
  /** Unix ms: the time of day, which may be set forward or back */
  now(): number;
  /** ms since a moment of its own, which only grow with time that passes: for how long something took */
  elapsed(): number;
  /** Calls back once after `ms`; returns a function that cancels. */
  after(ms: number, callback: () => void): () => void;
}
