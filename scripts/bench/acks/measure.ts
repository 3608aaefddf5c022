import { setTimeout as sleep } from "node:timers/promises";
import { percentile, round } from "../support/figures.ts";
import { difference, now } from "../support/usage.ts";
import { AcksNetwork } from "./network.ts";
import type { AcksBenchOptions } from "./options.ts";
import { assertSomething, everywhereAt, outcomeOf } from "./outcome.ts";

/** What was confirmed at the end of the window has so long to be paid. */
const DRAIN_MS = 8_000;

export interface Figures {
  /** acknowledgements that were executed and paid, durable on all nodes */
  lanesPerS: number;
  /** deliveries that they stand for */
  deliveriesPerS: number;
  /** from the client's signature until the last node has the block with its certificate on disk */
  p50Ms: number | null;
  p99Ms: number | null;
  /** of all nodes and clients */
  cpuSecondsPer1kLanes: number | null;
  /** of the nodes alone */
  nodeCpuSecondsPer1kLanes: number | null;
  /** sent between the nodes */
  bytesPerLane: number | null;
  /** confirmed in the window and not paid 8 s after it */
  unpaid: number;
  /** refusals by code since the start */
  refused: Record<string, number>;
}

/** One run on a fresh network. @throws ERR_BENCH_MEMBER, ERR_BENCH_NOTHING when no acknowledgement was confirmed in the window */
export async function measure(options: AcksBenchOptions): Promise<Figures> {
  const { warmupSeconds, seconds } = options;
  const network = await AcksNetwork.start(options);
  try {
    await network.load(true);
    await sleep(1000 * warmupSeconds);
    const before = await network.usage();
    const from = now();
    await sleep(1000 * seconds);
    const to = now();
    const after = await network.usage();
    await network.load(false);
    await sleep(DRAIN_MS);
    const { nodes, clients } = await network.reports();
    const outcome = outcomeOf(nodes[0]?.paid ?? [], everywhereAt(nodes), clients, { from, to });
    const refused = mergeCounts(clients.map((one) => one.refused));
    assertSomething(outcome, refused, nodes, clients);
    const perS = (count: number): number => Math.round((1000 * count) / (to - from));
    const ofNodes = difference(before.nodes, after.nodes, (usage) => usage.seconds);
    const ofClients = difference(before.clients, after.clients, (usage) => usage.seconds);
    const bytes = difference(before.nodes, after.nodes, ({ sent }) => sent.bytes);
    return {
      lanesPerS: perS(outcome.lanes),
      deliveriesPerS: perS(outcome.deliveries),
      p50Ms: round(percentile(outcome.latencies, 0.5), 0),
      p99Ms: round(percentile(outcome.latencies, 0.99), 0),
      cpuSecondsPer1kLanes: round((1000 * (ofNodes + ofClients)) / outcome.lanes, 3),
      nodeCpuSecondsPer1kLanes: round((1000 * ofNodes) / outcome.lanes, 3),
      bytesPerLane: round(bytes / outcome.lanes, 0),
      unpaid: outcome.confirmed - outcome.paid,
      refused,
    };
  } finally {
    await network.stop();
  }
}

function mergeCounts(all: readonly Record<string, number>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const counts of all) {
    for (const [code, count] of Object.entries(counts)) sum[code] = (sum[code] ?? 0) + count;
  }
  return sum;
}
