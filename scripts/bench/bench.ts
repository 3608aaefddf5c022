import type { ParseArgsConfig } from "node:util";

export type BenchArguments = Record<string, string | boolean | undefined>;

/** Something that can be measured again and again. */
export interface Bench {
  /** one line for the list of benches */
  about: string;
  /** options of its own, as node:util's parseArgs takes them, with what they are for */
  options?: NonNullable<ParseArgsConfig["options"]>;
  usage?: string;
  /** @throws ERR_USAGE for options that make no sense */
  run(options: BenchArguments): Promise<BenchResult>;
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
