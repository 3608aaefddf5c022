import { startApi } from "./api/server.ts";
import type { ApiSettings } from "./api/settings.ts";
import { type FollowOptions, startFollowing } from "./follow.ts";
import type { IndexerLogger } from "./logger.ts";
import type { IndexerMetrics } from "./metrics.ts";
import type { Store } from "./store/database.ts";
import { openEmbedded } from "./store/embedded.ts";
import { openPostgres } from "./store/postgres.ts";
import { readProgress } from "./store/progress.ts";

/** What is indexed: rows of another network are not mixed with it. */
export type IndexedNetwork = Pick<FollowOptions, "chainId" | "contracts" | "deployBlock">;

interface ApiOptions {
  /** of GraphQL; 0 takes a free one */
  port: number;
  /** the setting that ERR_PORT_IN_USE points to, "indexer.port" unless told */
  portOption?: string;
  host: string;
  logger: IndexerLogger;
  /** the defaults unless told */
  api?: Partial<ApiSettings> | undefined;
  /** what /metrics serves; none: it is no route */
  metrics?: IndexerMetrics | undefined;
}

export interface IndexerOptions extends FollowOptions, ApiOptions {
  /** of the embedded database; `memory://` keeps nothing */
  dataDir: string;
  /** of a PostgreSQL, in place of the embedded database */
  databaseUrl?: string | undefined;
}

export interface ReplicaOptions extends IndexedNetwork, ApiOptions {
  databaseUrl: string;
  /** of the node that the explorer sends transactions to */
  nodeRpcUrl?: string | undefined;
}

export interface Indexer {
  /**
   * Opens the database, follows if it is to, and serves GraphQL. Waits while another process writes to the database.
   * Sources that do not answer are no error here: see /ready.
   * @throws ERR_PORT_IN_USE, ERR_LISTEN, ERR_STORE_LOCKED, ERR_DATABASE
   */
  start(): Promise<void>;
  /** Idempotent, also while it starts; resolves when nothing of it runs any more. */
  stop(): Promise<void>;
  /** of GraphQL, once started */
  readonly url: string;
}

/** Names what is indexed, for the database. */
export function networkText({ chainId, contracts, deployBlock }: IndexedNetwork): string {
  return JSON.stringify({ chainId, contracts, deployBlock });
}

/** The indexer (DESIGN §11): follows the finalized L2 and one node, checks each against the other, serves GraphQL. */
export function createIndexer(options: IndexerOptions): Indexer {
  return createService(async (signal, cleanup) => {
    const { dataDir, databaseUrl, logger } = options;
    const network = networkText(options);
    const open =
      databaseUrl === undefined ? openEmbedded(dataDir, network) : openPostgres(databaseUrl, network);
    const store = await opened(open, cleanup, logger);
    const following = await startFollowing(options, store, signal);
    cleanup(() => following.stopped);
    return startServing(
      { db: store.db, read: store.read, progress: async () => following.progress() },
      options,
      cleanup,
    );
  });
}

/** Serves what another process indexes into the same PostgreSQL. */
export function createReplica(options: ReplicaOptions): Indexer {
  return createService(async (_, cleanup) => {
    const { db, read } = await opened(
      openPostgres(options.databaseUrl, networkText(options)),
      cleanup,
      options.logger,
    );
    return startServing({ db, read, progress: () => readProgress(db) }, options, cleanup);
  });
}

type Cleanup = (close: () => Promise<void>) => void;

async function opened(opening: Promise<Store>, cleanup: Cleanup, logger: IndexerLogger): Promise<Store> {
  const store = await opening;
  cleanup(store.close);
  logger.info("indexer_opened", { fresh: store.fresh });
  return store;
}

async function startServing(
  source: Parameters<typeof startApi>[0]["source"],
  options: ApiOptions & IndexedNetwork & { nodeRpcUrl?: string | undefined },
  cleanup: Cleanup,
): Promise<string> {
  const { host, port, portOption = "indexer.port", logger, chainId, contracts, nodeRpcUrl } = options;
  const network = { chainId, contracts, nodeRpcUrl };
  const { api: settings, metrics } = options;
  const api = await startApi({ source, network, host, port, portOption, logger, settings, metrics });
  cleanup(api.stop);
  logger.info("indexer_listening", { url: api.url });
  return api.url;
}

/** `run` gives its URL and what to close, which is closed in reverse once `signal` has aborted. */
function createService(run: (signal: AbortSignal, cleanup: Cleanup) => Promise<string>): Indexer {
  let running: { url: Promise<string>; abort: AbortController; closers: (() => Promise<void>)[] } | undefined;
  let url: string | undefined;

  async function stop(): Promise<void> {
    const stopping = running;
    running = undefined;
    url = undefined;
    if (!stopping) return;
    stopping.abort.abort();
    await stopping.url.catch(() => undefined);
    const failures: unknown[] = [];
    for (const close of stopping.closers.reverse()) await close().catch((error) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  return {
    async start() {
      if (!running) {
        const abort = new AbortController();
        const closers: (() => Promise<void>)[] = [];
        running = { url: run(abort.signal, (close) => closers.push(close)), abort, closers };
      }
      try {
        url = await running.url;
      } catch (error) {
        await stop();
        throw error;
      }
    },
    stop,
    get url() {
      if (url === undefined) throw new Error("the indexer has not started");
      return url;
    },
  };
}
