import { MAX_REPORTED_LATENCY_US, MAX_REPORTED_THROUGHPUT } from "#protocol/params/limits.ts";
import type { PeerReport } from "#protocol/types/reputation.ts";
import type { SubmitReputation } from "#protocol/types/transactions.ts";
import { observedBy } from "../epoch/reputation/ring.ts";
import type { State } from "../state.ts";
import { rejection } from "./rejection.ts";

/**
 * Keeps what a node saw of the peers that it observes, for the close of the epoch (TRN-REPUTATION).
 * @throws ERR_REPORT_EPOCH, ERR_REPORT_REPEATED, ERR_REPORT_SUBJECT, ERR_REPORT_RANGE
 */
export function processSubmitReputation(state: State, body: SubmitReputation): void {
  const { node, epoch, peers } = body;
  if (epoch !== state.epoch) throw rejection("ERR_REPORT_EPOCH", `this is epoch ${state.epoch}`);
  if (state.reputation.reports.get(String(node)))
    throw rejection("ERR_REPORT_REPEATED", "one report an epoch");
  const observed = new Set(observedBy(state.reputation.ring.value, node));
  if (observed.size === 0 || peers.some((peer) => !observed.has(peer.node))) {
    throw rejection("ERR_REPORT_SUBJECT", "the node does not observe all of these in this epoch");
  }
  for (const [i, peer] of peers.entries()) {
    const before = peers[i - 1];
    if ((before && before.node >= peer.node) || !isInRange(peer)) {
      throw rejection("ERR_REPORT_RANGE", "not ascending by node, or out of range");
    }
  }
  state.reputation.reports.put({ reporter: node, peers });
}

function isInRange({ probes, reached, latencyUs, throughput }: PeerReport): boolean {
  return reached <= probes && latencyUs <= MAX_REPORTED_LATENCY_US && throughput <= MAX_REPORTED_THROUGHPUT;
}
