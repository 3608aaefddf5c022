import { ContainerType, type ValueOf } from "@chainsafe/ssz";
import { Uint16, Uint32 } from "./primitives.ts";

/** What one node saw of another in one epoch. Counts are of this epoch; 0 in the last two: not measured. */
export const PeerReport = new ContainerType(
  {
    node: Uint32,
    /** reachability probes, and those that were answered */
    probes: Uint16,
    reached: Uint16,
    /** requests: answered well, not answered, answered with content that is not what was asked for */
    answered: Uint32,
    failed: Uint32,
    wrong: Uint32,
    /** median round trip, microseconds */
    latencyUs: Uint32,
    /** KiB per second while content flowed */
    throughput: Uint32,
  },
  { typeName: "PeerReport" },
);
export type PeerReport = ValueOf<typeof PeerReport>;
