import type { Hex } from "viem";
import type { Database } from "../store/database.ts";
import type { ChildReader } from "./children.ts";
import type { Loaders } from "./loaders.ts";

export interface Health {
  ready: boolean;
  /** codes with words, empty when ready */
  reasons: string[];
}

/** What the API asks of the rest of the indexer. */
export interface ApiSource {
  db: Database;
  health(): Promise<Health>;
  /** newest finalized L2 block as last heard, -1 before */
  l2Finalized(): number;
  /** newest height of the node as last heard, -1 before */
  nodeHeight(): number;
  /** digests of settlements that are posted and not finalized, by epoch */
  posted(): ReadonlyMap<number, Hex>;
}

export interface ApiContext {
  source: ApiSource;
  db: Database;
  loaders: Loaders;
  children: ChildReader;
}
