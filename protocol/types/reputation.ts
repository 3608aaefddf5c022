import { ContainerType, type ValueOf } from "@chainsafe/ssz";
import { Uint8, Uint16, Uint32 } from "./primitives.ts";

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

/** What a reputation is made of, each of 10 000. */
export const COMPONENTS = {
  latency: Uint16,
  uptime: Uint16,
  throughput: Uint16,
  success: Uint16,
  trust: Uint16,
  /** how far its own reports agree with what others saw (REP-CREDIBLE) */
  credibility: Uint16,
};

/** Why a node has its reputation. */
export const NodeStanding = new ContainerType(
  {
    ...COMPONENTS,
    /** reports on it in this epoch */
    reporters: Uint32,
    /** 1 while it is out by a floor (REP-FLOOR) */
    out: Uint8,
  },
  { typeName: "NodeStanding" },
);
export type NodeStanding = ValueOf<typeof NodeStanding>;
