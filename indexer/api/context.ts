import type { Database } from "../store/database.ts";
import type { Progress } from "../store/progress.ts";
import type { Changes } from "./changes.ts";
import { type ChildReader, createChildReader } from "./children.ts";
import { createLoaders, type Loaders } from "./loaders.ts";

/** What the API asks of the rest of the indexer. */
export interface ApiSource {
  db: Database;
  progress(): Promise<Progress>;
}

/** Of one request: what it has read it remembers, until it is refreshed. */
export interface ApiContext {
  db: Database;
  changes: Changes;
  progress(): Promise<Progress>;
  loaders: Loaders;
  children: ChildReader;
  /** before each answer of a subscription */
  refresh(): void;
}

export function contextOf({ db, progress }: ApiSource, changes: Changes): ApiContext {
  let known: Promise<Progress> | undefined;
  return {
    db,
    changes,
    progress: () => {
      known ??= progress();
      return known;
    },
    loaders: createLoaders(db),
    children: createChildReader(db),
    refresh() {
      known = undefined;
      this.loaders = createLoaders(db);
      this.children = createChildReader(db);
    },
  };
}
