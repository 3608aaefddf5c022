import type { IncomingMessage } from "node:http";
import type { YogaServerInstance } from "graphql-yoga";
import type { Database, Reading } from "../store/database.ts";
import type { Progress } from "../store/progress.ts";
import type { Changes } from "./changes.ts";
import { type ChildReader, createChildReader } from "./children.ts";
import { createLoaders, type Loaders } from "./loaders.ts";
import { createTold, type Told } from "./told.ts";

/** What the API asks of the rest of the indexer. */
export interface ApiSource {
  db: Database;
  /** for the reads of one request */
  read(): Reading;
  progress(): Promise<Progress>;
}

/** What GraphQL is asked by, over HTTP or WebSocket. */
export interface Asking {
  req: IncomingMessage;
}

export type Yoga = YogaServerInstance<Asking, ApiContext>;

/** Of one request: what it has read it remembers, until it is refreshed. */
export interface ApiContext {
  db: Database;
  changes: Changes;
  /** Takes a place for a subscription of who asks, and gives what leaves it again; undefined when there is none. */
  subscribe(): (() => void) | undefined;
  progress(): Promise<Progress>;
  loaders: Loaders;
  children: ChildReader;
  told: Told;
  /** before each answer of a subscription */
  refresh(): void;
  /** nobody waits for the answer any more */
  giveUp(): void;
}

export function contextOf(
  { read, progress }: ApiSource,
  { changes, subscribe }: Pick<ApiContext, "changes" | "subscribe">,
): ApiContext {
  const { db, giveUp } = read();
  let known: Promise<Progress> | undefined;
  return {
    db,
    giveUp,
    changes,
    subscribe,
    progress: () => {
      known ??= progress();
      return known;
    },
    loaders: createLoaders(db),
    children: createChildReader(db),
    told: createTold(),
    refresh() {
      known = undefined;
      this.loaders = createLoaders(db);
      this.children = createChildReader(db);
    },
  };
}
