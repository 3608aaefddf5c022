import { DEFAULT_TIMING } from "#node/chain/narwhal/epoch-consensus.ts";
import type { ConsensusTiming } from "#node/interface/consensus.ts";
import { MAX_BATCH_BYTES, MIN_TRANSACTION_BYTES } from "#protocol/params/limits.ts";
import type { BenchArguments } from "../bench.ts";
import { integer } from "../support/integer.ts";
import { profileArguments } from "../support/processes.ts";

export const CONSENSUS_OPTIONS = {
  nodes: { type: "string", default: "4" },
  size: { type: "string", default: "512" },
  rate: { type: "string", default: "1000" },
  seconds: { type: "string", default: "30" },
  warmup: { type: "string", default: "5" },
  sweep: { type: "boolean", default: false },
  transfers: { type: "boolean", default: false },
  "min-header-delay": { type: "string" },
  "max-header-delay": { type: "string" },
  "max-batch-delay": { type: "string" },
  "batch-bytes": { type: "string" },
  "cpu-prof": { type: "string" },
} as const;

export const CONSENSUS_USAGE = `--nodes N (4)  --size BYTES (512)  --rate TX/S (1000)  --seconds S (30)  --warmup S (5)
             --sweep: the highest rate with a p99 below 2 s, starting at --rate
             --transfers: signed transfers that whole chains execute, instead of opaque transactions of --size
             --min-header-delay MS  --max-header-delay MS  --max-batch-delay MS  --batch-bytes BYTES: instead of the defaults
             --cpu-prof DIR: a CPU profile of the first member`;

export interface ConsensusBenchOptions {
  members: number;
  bytes: number;
  rate: number;
  seconds: number;
  warmupSeconds: number;
  sweep: boolean;
  /** signed transfers instead of opaque transactions */
  executed: boolean;
  timing: ConsensusTiming;
  firstArguments: string[];
}

/** @throws ERR_USAGE */
export function consensusOptions(values: BenchArguments): ConsensusBenchOptions {
  const delay = (name: string, or: number): number => integer(values, name, 1, 60_000) ?? or;
  return {
    members: integer(values, "nodes", 1, 64) ?? 4,
    bytes: integer(values, "size", MIN_TRANSACTION_BYTES, 65_536) ?? 512,
    rate: integer(values, "rate", 1, 1_000_000) ?? 1000,
    seconds: integer(values, "seconds", 1, 3600) ?? 30,
    warmupSeconds: integer(values, "warmup", 0, 600) ?? 5,
    sweep: values.sweep === true,
    executed: values.transfers === true,
    timing: {
      ...DEFAULT_TIMING,
      minHeaderDelayMs: delay("min-header-delay", DEFAULT_TIMING.minHeaderDelayMs),
      maxHeaderDelayMs: delay("max-header-delay", DEFAULT_TIMING.maxHeaderDelayMs),
      maxBatchDelayMs: delay("max-batch-delay", DEFAULT_TIMING.maxBatchDelayMs),
      batchBytes: integer(values, "batch-bytes", 1024, MAX_BATCH_BYTES) ?? DEFAULT_TIMING.batchBytes,
    },
    firstArguments: profileArguments(values),
  };
}
