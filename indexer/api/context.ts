import type { Database } from "../store/database.ts";
import type { Progress } from "../store/progress.ts";
import { type ChildReader, createChildReader } from "./children.ts";
import { createLoaders, type Loaders } from "./loaders.ts";

/** What the API asks of the rest of the indexer. */
export interface ApiSource {
  db: Database;
  progress(): Promise<Progress>;
}

/** Of one request: what it has read it remembers. */
export interface ApiContext {
  db: Database;
  progress(): Promise<Progress>;
  loaders: Loaders;
  children: ChildReader;
}

export function contextOf({ db, progress }: ApiSource): ApiContext {
  let known: Promise<Progress> | undefined;
  return {
    db,
    progress: () => {
      known ??= progress();
      return known;
    },
    loaders: createLoaders(db),
    children: createChildReader(db),
  };
}
