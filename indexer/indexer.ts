import { networkContext } from "#protocol/digests/network.ts";
import type { ApiSource, Health } from "./api/context.ts";
import { type ApiServer, startApi } from "./api/server.ts";
import type { IndexerLogger } from "./logger.ts";
import { readDisagreements } from "./store/agreement.ts";
import { type OpenDatabase, openDatabase } from "./store/database.ts";
import { createL2Follower, type L2Follower } from "./sync/l2.ts";
import { createL2Providers } from "./sync/l2-client.ts";
import type { ContractAddresses } from "./sync/l2-logs.ts";
import { type LoopStatus, runLoop } from "./sync/loop.ts";
import { createNodeFollower, type NodeFollower } from "./sync/node.ts";
import { createNodeClient } from "./sync/node-client.ts";
import { createReportChecker } from "./sync/reports.ts";

export interface IndexerOptions {
  /** L2 JSON-RPC, at least one; the next is used while one fails */
  rpcUrls: string[];
  chainId: number;
  contracts: ContractAddresses;
  /** L2 block of the deployment: nothing before it is read */
  deployBlock: number;
  /** one node's JSON-RPC: everything it says is verified */
  nodeRpcUrl: string;
  /** of the embedded database; `memory://` keeps nothing */
  dataDir: string;
  /** of GraphQL; 0 takes a free one */
  port: number;
  /** the setting that ERR_PORT_IN_USE points to, "indexer.port" unless told */
  portOption?: string;
  host: string;
  logger: IndexerLogger;
  /** ms between polls of the L2 and of the node, 500 unless told */
  pollMs?: number;
}

export interface Indexer {
  /**
   * Opens the database and GraphQL, and begins to follow. Sources that do not answer are no error here: see /ready.
   * @throws ERR_PORT_IN_USE, ERR_LISTEN, ERR_STORE_LOCKED
   */
  start(): Promise<void>;
  /** Idempotent; resolves when nothing of it runs any more. */
  stop(): Promise<void>;
  /** of GraphQL, once started */
  readonly url: string;
}

interface Running {
  database: OpenDatabase;
  api: ApiServer;
  abort: AbortController;
  loops: Promise<void>[];
}

/** The indexer (DESIGN §11): follows the finalized L2 and one node, checks each against the other, serves GraphQL. */
export function createIndexer(options: IndexerOptions): Indexer {
  let running: Running | undefined;
  return {
    async start() {
      if (!running) running = await startIndexer(options);
    },
    async stop() {
      const stopping = running;
      running = undefined;
      if (!stopping) return;
      await stopping.api.stop();
      stopping.abort.abort();
      await Promise.all(stopping.loops);
      await stopping.database.close();
    },
    get url() {
      if (!running) throw new Error("the indexer has not started");
      return running.api.url;
    },
  };
}

async function startIndexer(options: IndexerOptions): Promise<Running> {
  const { logger, host, port, portOption = "indexer.port" } = options;
  const { chainId, contracts, deployBlock } = options;
  const database = await openDatabase(options.dataDir, JSON.stringify({ chainId, contracts, deployBlock }));
  logger.info("indexer_opened", { fresh: database.fresh });
  try {
    const abort = new AbortController();
    const sources = createSources(options, database, abort.signal);
    const api = await startApi({ source: apiSource(database, sources), host, port, portOption, logger });
    logger.info("indexer_listening", { url: api.url });
    return { database, api, abort, loops: startLoops(sources, abort.signal, options) };
  } catch (error) {
    await database.close();
    throw error;
  }
}

interface Sources {
  l2: L2Follower;
  node: NodeFollower;
  reports: ReturnType<typeof createReportChecker>;
  status: { l2: LoopStatus; node: LoopStatus; reports: LoopStatus };
}

function createSources(options: IndexerOptions, { db }: OpenDatabase, signal: AbortSignal): Sources {
  const { rpcUrls, chainId, contracts, deployBlock, nodeRpcUrl, logger } = options;
  const network = networkContext(chainId, contracts.settlement);
  const client = createNodeClient(nodeRpcUrl);
  const status = (): LoopStatus => ({ problem: undefined, caughtUp: false });
  return {
    l2: createL2Follower({
      db,
      providers: createL2Providers(rpcUrls, chainId, signal),
      contracts,
      deployBlock,
    }),
    node: createNodeFollower({ network, db, client }),
    reports: createReportChecker({ db, client, logger, now: Date.now }),
    status: { l2: status(), node: status(), reports: status() },
  };
}

function startLoops(sources: Sources, signal: AbortSignal, options: IndexerOptions): Promise<void>[] {
  const { logger, pollMs = 500 } = options;
  const names = ["l2", "node", "reports"] as const;
  return names.map((name) =>
    runLoop({ name, pollMs, signal, logger, status: sources.status[name], step: sources[name].step }),
  );
}

function apiSource(database: OpenDatabase, sources: Sources): ApiSource {
  return {
    db: database.db,
    health: () => healthOf(database, sources),
    l2Finalized: sources.l2.finalized,
    nodeHeight: sources.node.head,
    posted: sources.l2.posted,
  };
}

async function healthOf({ db }: OpenDatabase, { status }: Sources): Promise<Health> {
  const reasons = Object.entries(status).flatMap(([name, { problem, caughtUp }]) => {
    if (problem) return [`${name}: ${problem.code}: ${problem.message}`];
    return caughtUp ? [] : [`${name}: catching up`];
  });
  reasons.push(...(await readDisagreements(db)));
  return { ready: reasons.length === 0, reasons };
}
