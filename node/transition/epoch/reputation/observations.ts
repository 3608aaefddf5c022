import type { PeerReport } from "#protocol/types/reputation.ts";
import type { LocalTrust } from "./eigentrust.ts";
import { FULL } from "./exact.ts";

/** In place of a rate: nothing was measured. */
export const NOTHING = 0xffff;
/** Evidence of infinitely many requests; n requests are n / (n + 4) of it. */
export const CERTAIN = 1_000;
const HALF_EVIDENCE = 4;
/** Requests that give a word half of its weight in what is agreed. */
const HALF_VOICE = 1;
/** A wrong answer counts as so many failed ones: it was served, and it harms. */
const WRONG_WEIGHT = 2;
/** At a quarter of bad service nothing is left of a quality. */
const BAD_WEIGHT = 4;
/** Local trust of a node that was only probed, beside the 1000 of one that served. */
const PROBED_ONLY = 250;
/** half a component: 100 ms, and 1 MiB/s */
const LATENCY_US = 100_000;
const THROUGHPUT_KIB = 1_024;

export interface ReporterEntries {
  reporter: number;
  peers: readonly PeerReport[];
}

/** Reports by reporter, as columns; nodes by their index. */
export interface Observations extends LocalTrust {
  /** of CERTAIN, in local trust and credibility; 0 without requests */
  evidence: Uint16Array;
  /** of CERTAIN, in what is agreed of `bad`; 0 without requests */
  voices: Uint16Array;
  /** one over the requests, of CERTAIN: what chance does to `bad`; 0 without requests */
  noise: Uint16Array;
  /** of FULL, up to WRONG_WEIGHT times that, or NOTHING */
  bad: Uint16Array;
  /** of FULL, or NOTHING */
  uptime: Uint16Array;
  latency: Uint16Array;
  throughput: Uint16Array;
}

/**
 * Leaves out what no honest node says (REP-CLEAN): reporters and subjects that are not in `indexes`, what a node says of
 * itself, a second entry of one pair, more answers than probes. @param indexes nodeId to index
 */
export function collect(
  indexes: ReadonlyMap<number, number>,
  reports: readonly ReporterEntries[],
): Observations {
  const byReporter = new Map<number, readonly PeerReport[]>();
  for (const { reporter, peers } of reports) {
    const index = indexes.get(reporter);
    if (index !== undefined && !byReporter.has(index)) byReporter.set(index, peers);
  }
  let most = 0;
  for (const peers of byReporter.values()) most += peers.length;
  const columns = emptyColumns(indexes.size, most);
  const seenBy = new Int32Array(indexes.size).fill(-1);
  let count = 0;
  for (let reporter = 0; reporter < indexes.size; reporter++) {
    columns.rows[reporter] = count;
    for (const peer of byReporter.get(reporter) ?? []) {
      const subject = indexes.get(peer.node);
      if (subject === undefined || subject === reporter || seenBy[subject] === reporter) continue;
      if (peer.reached > peer.probes) continue;
      seenBy[subject] = reporter;
      setEntry(columns, count++, subject, peer);
    }
  }
  columns.rows[indexes.size] = count;
  return columns;
}

function emptyColumns(nodes: number, entries: number): Observations {
  return {
    rows: new Uint32Array(nodes + 1),
    subjects: new Uint32Array(entries),
    values: new Uint16Array(entries),
    evidence: new Uint16Array(entries),
    voices: new Uint16Array(entries),
    noise: new Uint16Array(entries),
    bad: new Uint16Array(entries),
    uptime: new Uint16Array(entries),
    latency: new Uint16Array(entries),
    throughput: new Uint16Array(entries),
  };
}

function setEntry(columns: Observations, at: number, subject: number, peer: PeerReport): void {
  const { probes, reached, answered, failed, wrong, latencyUs, throughput } = peer;
  const requests = answered + failed + wrong;
  const harm = failed + WRONG_WEIGHT * wrong;
  const bad = requests === 0 ? NOTHING : Math.floor((harm * FULL) / requests);
  const evidence = Math.floor((CERTAIN * requests) / (requests + HALF_EVIDENCE));
  const uptime = probes === 0 ? NOTHING : Math.floor((reached * FULL) / probes);
  columns.subjects[at] = subject;
  columns.evidence[at] = evidence;
  columns.voices[at] = Math.floor((CERTAIN * requests) / (requests + HALF_VOICE));
  columns.noise[at] = requests === 0 ? 0 : Math.floor(CERTAIN / requests);
  columns.bad[at] = bad;
  columns.uptime[at] = uptime;
  columns.latency[at] =
    latencyUs === 0 ? NOTHING : Math.floor((FULL * LATENCY_US) / (LATENCY_US + latencyUs));
  columns.throughput[at] =
    throughput === 0 ? NOTHING : Math.floor((FULL * throughput) / (THROUGHPUT_KIB + throughput));
  columns.values[at] =
    requests > 0
      ? Math.floor((evidence * qualityOf(bad)) / FULL)
      : probes > 0
        ? Math.floor((PROBED_ONLY * uptime) / FULL)
        : 0;
}

/** What is left of FULL at a share of bad service (REP-QUALITY). */
export function qualityOf(bad: number): number {
  return Math.max(0, FULL - BAD_WEIGHT * bad);
}
