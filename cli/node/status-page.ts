import type { ChainView } from "#node/interface/chain-view.ts";
import { toJson } from "#node/rpc/json.ts";

/** What `GET /status` of the metrics port says: whether the node takes part, and how it stands (REP-STATUS). */
export function statusPage(options: {
  chain: Pick<ChainView, "head" | "status">;
  self: number;
  version: string;
  /** why it does not take part; undefined when it does */
  notReady(): string | undefined;
}): () => string {
  const { chain, self: node, version, notReady } = options;
  let started = false;
  return () => {
    const waitsFor = notReady();
    // before its first start the chain has nothing to read
    started ||= waitsFor === undefined;
    const { epoch, height, epochEnd } = started ? chain.head() : {};
    const reputation = started ? chain.status(node) : undefined;
    return JSON.stringify(toJson({ node, version, waitsFor, epoch, height, epochEnd, reputation }));
  };
}
