import {
  MAX_REPORTED_LATENCY_US,
  MAX_REPORTED_PEERS,
  MAX_REPORTED_THROUGHPUT,
} from "#protocol/params/limits.ts";
import type { PeerReport } from "#protocol/types/reputation.ts";

/** Round trips of a peer that its median is of: the newest. */
const MAX_LATENCIES = 64;
/** A clock of ms sees less than one as none: half of one is meant. */
const HALF_MS = 0.5;
const MAX_U16 = 65_535;
const MAX_U32 = 2 ** 32 - 1;

interface Seen {
  probes: number;
  reached: number;
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
    seen.probes = Math.min(MAX_U16, seen.probes + 1);
    if (ms === undefined) return;
    seen.reached = Math.min(MAX_U16, seen.reached + 1);
    addLatency(seen, ms);
  }

  /** Whether a request of any kind got an answer; says nothing about what is in it, nor how fast the peer is. */
  reach(node: number, answered: boolean): void {
    const seen = this.#peers.get(node);
    if (!seen || seen.probes === MAX_U16) return;
    seen.probes++;
    if (answered) seen.reached++;
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
      .filter(([, seen]) => seen.probes + seen.answered + seen.failed + seen.wrong > 0)
      .sort(([a], [b]) => a - b)
      .map(([node, { probes, reached, answered, failed, wrong, latencies, bytes, ms }]) => ({
        ...{ node, probes, reached, answered, failed, wrong },
        latencyUs: Math.min(MAX_REPORTED_LATENCY_US, Math.round(1_000 * median(latencies))),
        throughput:
          ms === 0 ? 0 : Math.min(MAX_REPORTED_THROUGHPUT, Math.floor((bytes * 1_000) / (1_024 * ms))),
      }));
  }
}

function nothing(): Seen {
  const counts = { probes: 0, reached: 0, answered: 0, failed: 0, wrong: 0 };
  return { ...counts, latencies: [], latest: 0, bytes: 0, ms: 0 };
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
