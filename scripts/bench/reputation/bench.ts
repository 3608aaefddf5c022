import { performance } from "node:perf_hooks";
import { aggregate, pretrustWeights } from "#node/transition/epoch/reputation/aggregate.ts";
import { eigenTrust } from "#node/transition/epoch/reputation/eigentrust.ts";
import { FULL, partition } from "#node/transition/epoch/reputation/exact.ts";
import { collect } from "#node/transition/epoch/reputation/observations.ts";
import { FlkError } from "#protocol/errors/error.ts";
import { MAX_REPORTED_PEERS, MIN_DAMPING } from "#protocol/params/limits.ts";
import type { Bench } from "../bench.ts";
import { RULES } from "../eigentrust/policies/ours.ts";
import { calibrate } from "../support/calibration.ts";
import { type Measuring, measureMeasuring } from "./measuring.ts";
import { type ReportedNetwork, sampleNetwork, slowNetwork } from "./network.ts";

/** ms on one core, by nodes that each report on 64 others */
const CEILINGS = new Map([
  [1_000, 200],
  [10_000, 3_000],
]);
const RUNS = 5;
/** of a core, and bytes a second in each direction, for measuring peers */
const CPU_PERCENT = 1;
const BYTES_PER_SECOND = 2_048;

interface Shape {
  graph: "usual" | "slow";
  make: (nodes: number, reports: number) => ReportedNetwork;
  /** a, of 10000 */
  damping: number;
}

/** What is usual, and what takes the most iterations that governance allows. */
const SHAPES: readonly Shape[] = [
  { graph: "usual", make: sampleNetwork, damping: RULES.damping },
  { graph: "slow", make: slowNetwork, damping: RULES.damping },
  { graph: "slow", make: slowNetwork, damping: MIN_DAMPING },
];

interface Cost extends Pick<Shape, "graph" | "damping"> {
  nodes: number;
  reports: number;
  /** of REP-EIGEN, with every reporter believed; the aggregate takes two rounds of about as many */
  iterations: number;
  /** of RUNS, ms */
  median: number;
  worst: number;
  ceiling: number | null;
}

export const reputationBench: Bench = {
  about: "time that the reputation of an epoch takes, 64 reports a node; what measuring peers costs",
  options: { nodes: { type: "string", default: "1000,10000" } },
  usage: "--nodes N,N (1000,10000)",
  async run(values) {
    const calibration = await calibrate();
    const costs = sizes(values.nodes).flatMap((nodes) => SHAPES.map((shape) => measure(nodes, shape)));
    const measuring = await measureMeasuring();
    return {
      figures: { calibration, aggregate: costs, measuring },
      table: [
        `calibration: ${JSON.stringify(calibration)}`,
        "   nodes   reports  graph     a  iterations  median ms  worst ms  ceiling ms",
        ...costs.map(({ nodes, reports, graph, damping, iterations, median, worst, ceiling }) =>
          [
            String(nodes).padStart(8),
            String(reports).padStart(10),
            graph.padStart(7),
            (damping / FULL).toFixed(2).padStart(6),
            String(iterations).padStart(12),
            median.toFixed(1).padStart(11),
            worst.toFixed(1).padStart(10),
            String(ceiling ?? "-").padStart(12),
          ].join(""),
        ),
        "",
        `measuring 64 peers and being measured by 64, epochs of a day: ${measuring.cpuPercent.toFixed(4)} % of a core (${measuring.cpuMsPerQuestion.toFixed(2)} ms a question),`,
        `${measuring.bytesPerSecond.toFixed(0)} bytes a second in each direction (${measuring.bytesPerQuestion.toFixed(0)} a question)`,
      ].join("\n"),
      problems: async () => [
        ...costs
          .filter(({ ceiling, median }) => ceiling !== null && median > ceiling)
          .map(
            ({ nodes, graph, damping, median, ceiling }) =>
              `${nodes} nodes, ${graph} graph at ${damping}: ${median} ms, the ceiling is ${ceiling}`,
          ),
        ...tooDear(measuring),
      ],
      async write() {
        throw new FlkError("ERR_USAGE", "time depends on the machine: quote it by hand");
      },
    };
  },
};

function tooDear({ cpuPercent, bytesPerSecond }: Measuring): string[] {
  return [
    ...(cpuPercent < CPU_PERCENT ? [] : [`measuring peers takes ${cpuPercent} % of a core`]),
    ...(bytesPerSecond < BYTES_PER_SECOND ? [] : [`measuring peers takes ${bytesPerSecond} bytes a second`]),
  ];
}

/** @throws ERR_USAGE */
function sizes(text: unknown): number[] {
  const numbers = String(text).split(",").map(Number);
  if (numbers.every((n) => Number.isInteger(n) && n >= 1 && n <= 100_000)) return numbers;
  throw new FlkError("ERR_USAGE", "--nodes is a list of whole numbers from 1 to 100000", {
    got: String(text),
  });
}

function measure(nodes: number, { graph, make, damping }: Shape): Cost {
  const network = make(nodes, MAX_REPORTED_PEERS);
  const times = Array.from({ length: RUNS }, () => {
    const start = performance.now();
    aggregate(network.nodes, network.reports, { ...RULES, damping });
    return Math.round((performance.now() - start) * 10) / 10;
  }).sort((a, b) => a - b);
  return {
    ...{ nodes, graph, damping },
    reports: network.reports.reduce((sum, { peers }) => sum + peers.length, 0),
    iterations: iterationsOf(network, damping),
    median: times[Math.floor(RUNS / 2)] as number,
    worst: times.at(-1) as number,
    ceiling: CEILINGS.get(nodes) ?? null,
  };
}

function iterationsOf({ nodes, reports }: ReportedNetwork, damping: number): number {
  const indexes = new Map(nodes.map(({ nodeId }, index) => [nodeId, index]));
  const pretrust = partition(pretrustWeights(nodes));
  return eigenTrust({ local: collect(indexes, reports), pretrust, damping }).iterations;
}
