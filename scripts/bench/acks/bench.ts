import { availableParallelism } from "node:os";
import type { Bench } from "../bench.ts";
import { type Calibration, calibrate } from "../support/calibration.ts";
import { OF_THIS_MACHINE } from "../support/of-this-machine.ts";
import { measure } from "./measure.ts";
import { ACKS_OPTIONS, ACKS_USAGE, acksOptions } from "./options.ts";

export const acksBench: Bench = {
  about: "acknowledgements a second from the client's signature to all nodes' disks",
  options: ACKS_OPTIONS,
  usage: ACKS_USAGE,
  async run(values) {
    const options = acksOptions(values);
    const calibration = await calibrate();
    const measured = await measure(options);
    const cores = availableParallelism();
    const limit = limitLanesPerS(calibration, options.nodes, cores);
    const { nodes, clients, lanes, seconds, bytes } = options;
    const figures = {
      ...{ nodes, clients, lanes, seconds, bytes, cores },
      ...{
        ...measured,
        limitLanesPerS: limit,
        shareOfLimit: Number((measured.lanesPerS / limit).toFixed(3)),
      },
      calibration,
    };
    const { calibration: _, refused: __, ...plain } = figures;
    return {
      figures,
      table: [...Object.entries(plain), ...Object.entries(calibration)]
        .map(([name, value]) => `${name.padEnd(26)} ${value?.toLocaleString("en-US") ?? "-"}`)
        .join("\n"),
      ...OF_THIS_MACHINE,
    };
  },
};

/**
 * Lanes a second if nothing but Ed25519 took time: of each acknowledgement one signature of the client, one check at the edge and one on each of
 * `nodes` nodes, on `cores` cores.
 */
export function limitLanesPerS(
  { ed25519SignPerS, ed25519VerifyPerS }: Pick<Calibration, "ed25519SignPerS" | "ed25519VerifyPerS">,
  nodes: number,
  cores: number,
): number {
  return Math.floor(cores / (1 / ed25519SignPerS + (1 + nodes) / ed25519VerifyPerS));
}
