import { performance } from "node:perf_hooks";

/** ms over which the load is a mean: less would be chance */
const WINDOW_MS = 1_000;

type Utilization = ReturnType<typeof performance.eventLoopUtilization>;

export interface LoadSource {
  now(): number;
  utilization(since?: Utilization): Utilization;
}

const PROCESS: LoadSource = {
  now: () => performance.now(),
  utilization: (since) => performance.eventLoopUtilization(since),
};

/** How busy this process is, 0 to 100: the part of the last second or more that its event loop had work. */
export function createLoadMeter(source: LoadSource = PROCESS): () => number {
  let from = source.utilization();
  let at = source.now();
  let load = 0;
  return () => {
    if (source.now() - at < WINDOW_MS) return load;
    load = Math.round(100 * Math.min(1, Math.max(0, source.utilization(from).utilization)));
    from = source.utilization();
    at = source.now();
    return load;
  };
}
