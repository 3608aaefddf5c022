import type { IncomingMessage, ServerResponse } from "node:http";
import { EPOCH_PROBLEMS } from "../errors.ts";
import type { IndexerMetrics } from "../metrics.ts";
import { countProblems } from "../store/agreement.ts";
import { readCursor } from "../store/cursor.ts";
import type { ApiSource } from "./context.ts";

/** seconds */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Of all that is served, so that nobody makes series by asking for what is not there. */
const ROUTES = [
  "/",
  "/graphql",
  "/health",
  "/ready",
  "/metrics",
  "/schema.graphql",
  "/export/earnings.csv",
  "/network.json",
  "/rpc",
];

/** Counts an answer once it is sent, with how long it took. */
export function watchRequest(
  metrics: IndexerMetrics,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const start = performance.now();
  const route = ROUTES.includes(path) ? path : "other";
  response.once("close", () => {
    const status = `${Math.floor(response.statusCode / 100)}xx`;
    metrics.counter("flk_indexer_requests_total", "Answers, by route and status.", { route, status }).inc();
    // a subscription lasts as long as its client
    if (request.headers.accept?.includes("text/event-stream")) return;
    const seconds = (performance.now() - start) / 1000;
    metrics
      .histogram("flk_indexer_request_seconds", "Time to the end of an answer.", BUCKETS, { route })
      .observe(seconds);
  });
}

/** Counts a document that came over WebSocket: no answer over HTTP says how it went. */
export function watchDocument(metrics: IndexerMetrics, outcome: "run" | "refused"): void {
  const help = "Documents over WebSocket that were run, or refused before anything of them ran.";
  metrics.counter("flk_indexer_websocket_documents_total", help, { outcome }).inc();
}

/** Sets what is read when somebody looks: how far the index is, and what does not agree. Whether it is ready is set before anything that can fail. */
export async function measureIndex(
  metrics: IndexerMetrics,
  source: ApiSource,
  notReady: () => Promise<string[]>,
): Promise<void> {
  const set = (name: string, help: string, value: number) =>
    metrics.gauge(`flk_indexer_${name}`, help).set(value);
  const reasons = await notReady();
  set("ready", "1 when /ready answers 200.", reasons.length === 0 ? 1 : 0);
  set("not_ready_reasons", "Reasons that /ready gives.", reasons.length);
  const { l2Block, height, epoch, revision } = await readCursor(source.db);
  const { l2Finalized, nodeHeight } = await source.progress();
  set("l2_block", "L2 block up to which everything is in.", l2Block);
  set("l2_finalized_block", "The L2's newest final block, as last heard.", l2Finalized);
  set("height", "Newest verified block of the protocol chain.", height);
  set("node_height", "Newest block of the node, as last heard.", nodeHeight);
  set("epoch", "The current epoch.", epoch);
  set("writes", "Transactions that wrote to the database, since it was made.", revision);
  const problems = await countProblems(source.db);
  for (const code of EPOCH_PROBLEMS) {
    const help = "Epochs of which something does not agree, by the code of it.";
    metrics.gauge("flk_indexer_epoch_problems", help, { code }).set(problems.get(code) ?? 0);
  }
}
