import type { BenchArguments } from "../bench.ts";
import { integer } from "../support/integer.ts";
import { profileArguments } from "../support/processes.ts";

export const ACKS_OPTIONS = {
  nodes: { type: "string", default: "4" },
  clients: { type: "string", default: "2000" },
  lanes: { type: "string", default: "4" },
  seconds: { type: "string", default: "30" },
  warmup: { type: "string", default: "5" },
  "in-flight": { type: "string", default: "32" },
  size: { type: "string", default: "1024" },
  "cpu-prof": { type: "string" },
} as const;

export const ACKS_USAGE = `--nodes N (4)  --clients N (2000)  --lanes N of each client (4)  --seconds S (30)  --warmup S (5)
             --in-flight N: deliveries at once (32)  --size BYTES of a delivery (1024)  --cpu-prof DIR: of the first node`;

export interface AcksBenchOptions {
  nodes: number;
  clients: number;
  /** of each client */
  lanes: number;
  seconds: number;
  warmupSeconds: number;
  /** deliveries that run at once, of all clients */
  inFlight: number;
  /** bytes of a delivery */
  bytes: number;
  /** flags of the first node's process */
  firstArguments: string[];
}

/** @throws ERR_USAGE */
export function acksOptions(values: BenchArguments): AcksBenchOptions {
  return {
    nodes: integer(values, "nodes", 4, 16) ?? 4,
    clients: integer(values, "clients", 64, 8192) ?? 2000,
    lanes: integer(values, "lanes", 1, 16) ?? 4,
    seconds: integer(values, "seconds", 1, 3600) ?? 30,
    warmupSeconds: integer(values, "warmup", 0, 600) ?? 5,
    inFlight: integer(values, "in-flight", 1, 256) ?? 32,
    bytes: integer(values, "size", 1, 65_536) ?? 1024,
    firstArguments: profileArguments(values),
  };
}
