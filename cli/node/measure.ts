import { secureRandom } from "#crypto";
import type { ContentStore } from "#node/edge/content-types.ts";
import type { Network } from "#node/interface/network.ts";
import { measuredNetwork } from "#node/reputation/measured-network.ts";
import { Meter } from "#node/reputation/meter.ts";
import { Reputation, type ReputationOptions } from "#node/reputation/reputation.ts";
import { contentSamples } from "./samples.ts";

type Given = Omit<ReputationOptions, "meter" | "samples" | "random"> & { content: ContentStore };

/** What a node measures of its peers: requests of the rest of the node go through `network`. */
export function measuring(
  network: Network,
  clock: ReputationOptions["clock"],
): { network: Network; part(given: Given): Reputation } {
  const meter = new Meter();
  return {
    network: measuredNetwork(network, meter),
    part: ({ content, ...given }) =>
      new Reputation({
        ...given,
        meter,
        samples: contentSamples(content, clock),
        random: secureFraction,
      }),
  };
}

/** In [0, 1), from 32 random bits. */
function secureFraction(): number {
  return new DataView(secureRandom(4).buffer).getUint32(0) / 2 ** 32;
}
