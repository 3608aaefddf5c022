import { setTimeout as sleep } from "node:timers/promises";
import { percentile, round } from "../support/figures.ts";
import { difference, now } from "../support/usage.ts";
import { Cluster, type ClusterOptions } from "./cluster.ts";
import { outcomeOf } from "./latencies.ts";
import { signedTransfer, transferAccounts } from "./transfers.ts";

/** What was submitted at the end of the window has so long to commit. */
const DRAIN_MS = 5000;

export interface MeasureOptions extends Omit<ClusterOptions, "transfers"> {
  /** transactions a second, all members together */
  rate: number;
  warmupSeconds: number;
  seconds: number;
  /** signed transfers instead of opaque transactions */
  executed: boolean;
}

export interface Figures {
  nodes: number;
  transactions: "opaque" | "transfers";
  /** of each transaction */
  bytes: number;
  rate: number;
  seconds: number;
  committedTps: number;
  latencyMs: { p50: number | null; p95: number | null; p99: number | null };
  /** submitted in the window and not committed everywhere 5 s after it */
  uncommitted: number;
  /** refused since the start because a member's pool was full */
  refused: number;
  cpuSecondsPer1kTx: number | null;
  /** sent over the network by all members, per committed transaction */
  bytesPerTx: number | null;
  messagesPerTx: number | null;
  /** of the largest member */
  rssMb: number;
}

/**
 * One run: a fresh committee, a warm-up, then a window in which everything is counted.
 * @throws ERR_BENCH_MEMBER
 */
export async function measure(options: MeasureOptions): Promise<Figures> {
  const { members, rate, warmupSeconds, seconds, executed } = options;
  // a second more than the load takes, for members' clocks begin apart
  const transfers = executed ? Math.ceil((rate / members) * (warmupSeconds + seconds + 1)) : 0;
  const bytes = executed ? signedTransfer(1, 0, transferAccounts(1)).length : options.bytes;
  const cluster = await Cluster.start({ ...options, transfers });
  try {
    cluster.load(rate);
    await sleep(warmupSeconds * 1000);
    const before = await cluster.usage();
    const from = now();
    await sleep(seconds * 1000);
    const to = now();
    const after = await cluster.usage();
    cluster.load(0);
    await sleep(DRAIN_MS);
    const reports = await cluster.reports();
    const outcome = outcomeOf(
      reports.map(({ submitted }) => submitted),
      reports.map(({ committed }) => committed),
      { from, to },
    );
    const per = (value: number, digits: number) => round(value / outcome.committedInWindow, digits);
    return {
      nodes: members,
      transactions: executed ? "transfers" : "opaque",
      bytes,
      rate,
      seconds,
      committedTps: Math.round((outcome.committedInWindow * 1000) / (to - from)),
      latencyMs: {
        p50: round(percentile(outcome.latencies, 0.5), 1),
        p95: round(percentile(outcome.latencies, 0.95), 1),
        p99: round(percentile(outcome.latencies, 0.99), 1),
      },
      uncommitted: outcome.submitted - outcome.committed,
      refused: reports.reduce((sum, { refused }) => sum + refused, 0),
      cpuSecondsPer1kTx: per(1000 * difference(before, after, ({ seconds }) => seconds), 4),
      bytesPerTx: per(
        difference(before, after, ({ sent }) => sent.bytes),
        1,
      ),
      messagesPerTx: per(
        difference(before, after, ({ sent }) => sent.messages),
        4,
      ),
      rssMb: Math.round(Math.max(...after.map(({ rssBytes }) => rssBytes)) / 2 ** 20),
    };
  } finally {
    await cluster.stop();
  }
}
