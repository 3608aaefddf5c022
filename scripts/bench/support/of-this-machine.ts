import { FlkError } from "#protocol/errors/error.ts";
import type { BenchResult } from "../bench.ts";

/** Of a bench whose figures are the machine's as much as ours: nothing to check and no document to write. @throws ERR_USAGE */
export const OF_THIS_MACHINE: Pick<BenchResult, "problems" | "write"> = {
  async problems() {
    throw new FlkError("ERR_USAGE", "speed has no ceiling: it depends on the machine");
  },
  async write() {
    throw new FlkError("ERR_USAGE", "speed depends on the machine: quote it by hand, with its calibration");
  },
};
