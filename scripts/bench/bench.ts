/** Something that can be measured again and again. */
export interface Bench {
  /** one line for the list of benches */
  about: string;
  run(): Promise<BenchResult>;
}

export interface BenchResult {
  /** plain JSON */
  figures: unknown;
  /** for people */
  table: string;
  /** what is above its ceiling, and whether the document is stale; one line each */
  problems(): Promise<string[]>;
  /** writes the document that holds the figures */
  write(): Promise<void>;
}
