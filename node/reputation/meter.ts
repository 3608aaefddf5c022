import {
  MAX_REPORTED_LATENCY_US,
  MAX_REPORTED_PEERS,
  MAX_REPORTED_THROUGHPUT,
} from "#protocol/params/limits.ts";
import type { PeerReport } from "#protocol/types/reputation.ts";

/** Round trips of a peer that its median is of: the newest. */
const MAX_LATENCIES = 64;
/** So little is on one machine, and told apart no further: 0 in a report says that nothing was measured. */
const HALF_MS = 0.5;
/** Half of what a report has room for: probes and other requests are one number in it. */
const MAX_ASKED = 32_767;
const MAX_U32 = 2 ** 32 - 1;

interface Asked {
  asked: number;
  reached: number;
}

interface Seen {
  probes: Asked;
  /** requests of the rest of the node */
  others: Asked;
  answered: number;
  failed: number;
  wrong: number;
  /** ms, at most MAX_LATENCIES */
  latencies: number[];
  latest: number;
  /** of answers with content, and ms that they took */
  bytes: number;
  ms: number;
}

/** What this node saw, in one epoch, of the peers that it observes: at most MAX_REPORTED_PEERS, so memory is bounded. */
export class Meter {
  #peers = new Map<number, Seen>();

  /** Forgets what was and begins with these. */
  begin(observed: readonly number[]): void {
    this.#peers = new Map(observed.slice(0, MAX_REPORTED_PEERS).map((node) => [node, nothing()]));
  }

  observed(): number[] {
    return [...this.#peers.keys()];
  }

  /** A probe; ms until its answer, undefined when there was none. */
  probe(node: number, ms: number | undefined): void {
    const seen = this.#peers.get(node);
    if (!seen) return;
    count(seen.probes, ms !== undefined);
    if (ms !== undefined) addLatency(seen, ms);
  }

  /** Whether a request of any kind got an answer; says nothing about what is in it, nor how fast the peer is. */
  reach(node: number, answered: boolean): void {
    const seen = this.#peers.get(node);
    if (seen) count(seen.others, answered);
  }

  /** A sample of content that was answered, not answered, or answered with something else. */
  request(node: number, outcome: "answered" | "failed" | "wrong"): void {
    const seen = this.#peers.get(node);
    if (seen) seen[outcome] = Math.min(MAX_U32, seen[outcome] + 1);
  }

  /** Content that came within `ms`. */
  content(node: number, bytes: number, ms: number): void {
    const seen = this.#peers.get(node);
    if (!seen) return;
    seen.bytes += bytes;
    seen.ms += Math.max(HALF_MS, ms);
  }

  /** Ascending by node, in the ranges of TRN-REPUTATION. Peers of which nothing was seen are left out. */
  report(): PeerReport[] {
    return [...this.#peers]
      .sort(([a], [b]) => a - b)
      .map(([node, seen]) => ({ node, ...reachedOf(seen), ...servedOf(seen) }))
      .filter(({ probes, answered, failed, wrong }) => probes + answered + failed + wrong > 0);
  }
}

/**
 * The peer chooses when it forwards and may do so without end: requests of others count for no more than the probes, which it
 * does not foresee.
 */
function reachedOf({ probes, others }: Seen): Pick<PeerReport, "probes" | "reached"> {
  const own = scaled(probes, MAX_ASKED);
  const rest = scaled(others, own.asked);
  return { probes: own.asked + rest.asked, reached: own.reached + rest.reached };
}

function servedOf({
  answered,
  failed,
  wrong,
  latencies,
  bytes,
  ms,
}: Seen): Omit<PeerReport, "node" | "probes" | "reached"> {
  return {
    ...{ answered, failed, wrong },
    latencyUs: Math.min(MAX_REPORTED_LATENCY_US, Math.round(1_000 * median(latencies))),
    throughput: ms === 0 ? 0 : Math.min(MAX_REPORTED_THROUGHPUT, Math.floor((bytes * 1_000) / (1_024 * ms))),
  };
}

/** The same part reached, rounded down, of `limit` at most. */
function scaled({ asked, reached }: Asked, limit: number): Asked {
  return asked <= limit
    ? { asked, reached }
    : { asked: limit, reached: Math.floor((reached * limit) / asked) };
}

function count(asked: Asked, answered: boolean): void {
  asked.asked++;
  if (answered) asked.reached++;
}

function nothing(): Seen {
  const counts = { answered: 0, failed: 0, wrong: 0, latencies: [], latest: 0, bytes: 0, ms: 0 };
  return { ...counts, probes: { asked: 0, reached: 0 }, others: { asked: 0, reached: 0 } };
}

function addLatency(seen: Seen, ms: number): void {
  seen.latencies[seen.latest] = Math.max(HALF_MS, ms);
  seen.latest = (seen.latest + 1) % MAX_LATENCIES;
}

/** 0 of nothing */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
