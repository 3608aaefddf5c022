import { networkContext } from "#protocol/digests/network.ts";
import type { IndexerLogger } from "./logger.ts";
import type { Store, Writer } from "./store/database.ts";
import { HEARTBEAT_MS, type Progress, writeProgress } from "./store/progress.ts";
import { createL2Follower, type L2Follower } from "./sync/l2.ts";
import { createL2Providers } from "./sync/l2-client.ts";
import type { ContractAddresses } from "./sync/l2-logs.ts";
import { type LoopStatus, runLoop } from "./sync/loop.ts";
import { createNodeFollower, type NodeFollower } from "./sync/node.ts";
import { createNodeClient } from "./sync/node-client.ts";
import { createReportChecker } from "./sync/reports.ts";

export interface FollowOptions {
  /** L2 JSON-RPC, at least one; the next is used while one fails */
  rpcUrls: string[];
  chainId: number;
  contracts: ContractAddresses;
  /** L2 block of the deployment: nothing before it is read */
  deployBlock: number;
  /** one node's JSON-RPC: everything it says is verified */
  nodeRpcUrl: string;
  logger: IndexerLogger;
  /** ms between polls of the L2 and of the node, 500 unless told */
  pollMs?: number;
}

export interface Following {
  progress(): Progress;
  /** once the signal has aborted and nothing of it runs any more */
  stopped: Promise<void>;
}

const POLL_MS = 500;

/**
 * Becomes the writer of `store`, which may take as long as another is, and follows both sources until `signal` aborts. Who
 * loses the writer's place begins anew once it is free again.
 */
export async function startFollowing(
  options: FollowOptions,
  store: Store,
  signal: AbortSignal,
): Promise<Following> {
  const { logger } = options;
  const claim = () => store.claim(signal, () => logger.info("indexer_waiting", { for: "the writer" }));
  let writer = await claim();
  let sources = createSources(options, store, writer, signal);

  async function follow(): Promise<void> {
    for (;;) {
      await Promise.all(startLoops(sources, AbortSignal.any([signal, writer.lost]), options));
      await writer.release();
      if (signal.aborted) return;
      logger.warn("writer_lost", { code: "ERR_STORE_LOST", message: "begins anew as the writer" });
      await reclaim();
      if (signal.aborted) return writer.release();
    }
  }

  /** As long as the database is away, it is asked again. */
  async function reclaim(): Promise<void> {
    const status: LoopStatus = { problem: undefined, caughtUp: false };
    const found = new AbortController();
    sources.status.store = status;
    await runLoop({
      name: "store",
      pollMs: options.pollMs ?? POLL_MS,
      signal: AbortSignal.any([signal, found.signal]),
      logger,
      status,
      step: async () => {
        writer = await claim();
        sources = createSources(options, store, writer, signal);
        found.abort();
        return "idle";
      },
    });
  }

  const stopped = follow();
  return { progress: () => progressOf(sources), stopped };
}

interface Sources {
  l2: L2Follower;
  node: NodeFollower;
  reports: { step: L2Follower["step"] };
  progress: { step: L2Follower["step"] };
  status: Record<string, LoopStatus>;
}

const LOOPS = ["l2", "node", "reports", "progress"] as const;

function createSources(
  options: FollowOptions,
  { db, complete, logsPerWrite }: Store,
  { write }: Writer,
  signal: AbortSignal,
): Sources {
  const { rpcUrls, chainId, contracts, deployBlock, nodeRpcUrl, logger } = options;
  const network = networkContext(chainId, contracts.settlement);
  const client = createNodeClient(nodeRpcUrl);
  const providers = createL2Providers(rpcUrls, chainId, signal);
  const sources: Sources = {
    l2: createL2Follower({ db, write, complete, logsPerWrite, providers, contracts, deployBlock, logger }),
    node: createNodeFollower({ network, db, write, client }),
    reports: createReportChecker({ db, write, client, logger, now: Date.now }),
    progress: createProgressWriter(write, () => progressOf(sources, "progress")),
    status: Object.fromEntries(LOOPS.map((name) => [name, { problem: undefined, caughtUp: false }])),
  };
  return sources;
}

function startLoops(sources: Sources, signal: AbortSignal, options: FollowOptions): Promise<void>[] {
  const { logger, pollMs = POLL_MS } = options;
  return LOOPS.map((name) => {
    const status = sources.status[name] as LoopStatus;
    return runLoop({ name, pollMs, signal, logger, status, step: sources[name].step });
  });
}

/** `teller`: the loop that tells it to others, whose own trouble is over once it could. */
function progressOf({ l2, node, status }: Sources, teller?: (typeof LOOPS)[number]): Progress {
  const reasons = Object.entries(status).flatMap(([name, { problem, caughtUp }]) => {
    if (name === teller) return [];
    if (problem) return [`${name}: ${problem.code}: ${problem.message}`];
    return caughtUp ? [] : [`${name}: catching up`];
  });
  return { reasons, l2Finalized: l2.finalized(), nodeHeight: node.head(), posted: l2.posted() };
}

/** Tells those that only read: what is new, and now and then that it is still there. */
function createProgressWriter(write: Writer["write"], current: () => Progress): Sources["progress"] {
  let told = "";
  let at = 0;
  return {
    async step() {
      const now = Date.now();
      const value = JSON.stringify(current());
      if (value === told && now - at < HEARTBEAT_MS) return "idle";
      await write((tx) => writeProgress(tx, value));
      told = value;
      at = now;
      return "idle";
    },
  };
}
