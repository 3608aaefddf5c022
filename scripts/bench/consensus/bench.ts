import type { Bench } from "../bench.ts";
import { calibrate, calibrationLines } from "../support/calibration.ts";
import { OF_THIS_MACHINE } from "../support/of-this-machine.ts";
import { type Figures, measure } from "./measure.ts";
import { CONSENSUS_OPTIONS, CONSENSUS_USAGE, consensusOptions } from "./options.ts";
import { best, sweep } from "./sweep.ts";

export const consensusBench: Bench = {
  about: "transactions a second and latency of a committee of processes on this machine",
  options: CONSENSUS_OPTIONS,
  usage: CONSENSUS_USAGE,
  async run(values) {
    const options = consensusOptions(values);
    const one = async (rate: number): Promise<Figures> => {
      const figures = await measure({ ...options, rate });
      console.error(row(figures));
      return figures;
    };
    const calibration = await calibrate();
    console.error(HEADING);
    const runs = options.sweep ? await sweep(options.rate, one) : [await one(options.rate)];
    const found = options.sweep ? (best(runs) ?? null) : runs[0];
    const { timing } = options;
    return {
      figures: options.sweep ? { best: found, runs, timing, calibration } : { ...found, timing, calibration },
      table: [
        ...(found ? [HEADING, row(found)] : ["no rate was sustained"]),
        ...calibrationLines(calibration),
      ].join("\n"),
      ...OF_THIS_MACHINE,
    };
  },
};

const COLUMNS = [
  "nodes",
  "rate tx/s",
  "committed",
  "p50 ms",
  "p95 ms",
  "p99 ms",
  "CPU s/1k",
  "bytes/tx",
  "RSS MB",
];
const HEADING = COLUMNS.map((name) => name.padStart(10)).join("");

function row({
  nodes,
  rate,
  committedTps,
  latencyMs,
  cpuSecondsPer1kTx,
  bytesPerTx,
  rssMb,
}: Figures): string {
  const { p50, p95, p99 } = latencyMs;
  return [nodes, rate, committedTps, p50, p95, p99, cpuSecondsPer1kTx, bytesPerTx, rssMb]
    .map((value) => String(value ?? "-").padStart(10))
    .join("");
}
