import { useNativeSszHasher } from "#protocol/crypto/ssz-hasher.ts";
import type { Bench } from "../bench.ts";
import { calibrate, calibrationLines } from "../support/calibration.ts";
import { integer } from "../support/integer.ts";
import { OF_THIS_MACHINE } from "../support/of-this-machine.ts";
import { type Figures, type Load, measure } from "./measure.ts";
import { Workload } from "./workload.ts";

export const transitionBench: Bench = {
  about: "lanes a second through execution, state root and synced commit on one core",
  options: {
    accounts: { type: "string", default: "100000" },
    lanes: { type: "string", default: "100000" },
    block: { type: "string", default: "10240" },
  },
  usage: "--accounts N (100000)  --lanes N (100000)  --block LANES (10240)",
  async run(values) {
    const options = {
      accounts: integer(values, "accounts", 1, 1_000_000) ?? 100_000,
      lanes: integer(values, "lanes", 1, 1_000_000) ?? 100_000,
      lanesPerBlock: integer(values, "block", 1, 100_000) ?? 10_240,
    };
    const calibration = await calibrate();
    useNativeSszHasher();
    const load = makeLoad(options);
    const executed = await measure(load, false);
    const checked = await measure(load, true);
    return {
      figures: { ...options, withoutSignatures: executed, withSignatures: checked, calibration },
      table: [
        HEADING,
        row("not checked", executed),
        row("checked", checked),
        ...calibrationLines(calibration),
      ].join("\n"),
      ...OF_THIS_MACHINE,
    };
  },
};

const NODES = 4;

function makeLoad(options: { accounts: number; lanes: number; lanesPerBlock: number }): Load {
  const workload = new Workload({ ...options, nodes: NODES });
  return {
    nodes: NODES,
    accounts: workload.accounts,
    lanes: options.lanes,
    authorizations: workload.authorizations(),
    rounds: [workload.submissions(1), workload.submissions(2)],
  };
}

const HEADING = ["signatures", "new lanes/s", "again/s", "CPU µs/lane"]
  .map((name) => name.padStart(14))
  .join("");

function row(name: string, { newLanesPerS, againPerS, cpuMicrosPerLane }: Figures): string {
  return [name, newLanesPerS, againPerS, cpuMicrosPerLane]
    .map((value) => String(value).padStart(14))
    .join("");
}
