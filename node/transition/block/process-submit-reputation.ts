import type { ReceiptCode } from "#protocol/errors/codes.ts";
import { MAX_REPORTED_LATENCY_US, MAX_REPORTED_THROUGHPUT } from "#protocol/params/limits.ts";
import type { PeerReport } from "#protocol/types/reputation.ts";
import type { SubmitReputation } from "#protocol/types/transactions.ts";
import { observedBy } from "../epoch/reputation/ring.ts";
import type { State } from "../state.ts";

/** Keeps what a node saw of the peers that it observes, for the close of the epoch. `reportFault` has found nothing. */
export function processSubmitReputation(state: State, { node, peers }: SubmitReputation): void {
  state.reputation.reports.put({ reporter: node, peers });
}

/**
 * Why a report is refused (TRN-REPUTATION): found before its bytes count, as who sends it again must not use up its node's quota.
 * ERR_REPORT_EPOCH, ERR_REPORT_REPEATED, ERR_REPORT_SUBJECT or ERR_REPORT_RANGE.
 */
export function reportFault(state: State, { node, epoch, peers }: SubmitReputation): ReceiptCode | undefined {
  if (epoch !== state.epoch) return "ERR_REPORT_EPOCH";
  if (state.reputation.reports.get(String(node))) return "ERR_REPORT_REPEATED";
  const observed = new Set(observedBy(state.reputation.ring.value, node));
  if (observed.size === 0 || peers.some((peer) => !observed.has(peer.node))) return "ERR_REPORT_SUBJECT";
  return peers.every((peer, i) => isAfter(peer, peers[i - 1]) && isInRange(peer))
    ? undefined
    : "ERR_REPORT_RANGE";
}

function isAfter(peer: PeerReport, before: PeerReport | undefined): boolean {
  return before === undefined || before.node < peer.node;
}

function isInRange({ probes, reached, latencyUs, throughput }: PeerReport): boolean {
  return reached <= probes && latencyUs <= MAX_REPORTED_LATENCY_US && throughput <= MAX_REPORTED_THROUGHPUT;
}
