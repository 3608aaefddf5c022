import type { HeadView } from "#node/interface/chain-view.ts";
import type { Metrics } from "#node/interface/metrics.ts";

/** After a block with so many transactions, or at the start. */
export function measureChain(
  metrics: Metrics,
  head: HeadView,
  isMember: boolean,
  transactions: number,
): void {
  const { epoch, height } = head;
  metrics.gauge("flk_epoch", "Current epoch").set(epoch);
  metrics.gauge("flk_block_height", "Height of the last executed block").set(height);
  metrics.counter("flk_transactions_total", "Transactions in executed blocks").inc(transactions);
  metrics.gauge("flk_committee_member", "1 when this node is in the current committee").set(isMember ? 1 : 0);
}
