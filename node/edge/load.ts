import { performance } from "node:perf_hooks";

/** ms over which the load is a mean: less would be chance */
const WINDOW_MS = 1_000;

type Utilization = ReturnType<typeof performance.eventLoopUtilization>;

export interface LoadSource {
  utilization(since?: Utilization): Utilization;
  /** Calls again and again, until the result is called. */
  every(ms: number, callback: () => void): () => void;
}

const PROCESS: LoadSource = {
  utilization: (since) => performance.eventLoopUtilization(since),
  every(ms, callback) {
    const timer = setInterval(callback, ms).unref();
    return () => clearInterval(timer);
  },
};

/** How busy this process is, whenever that is asked for: the part of the last whole second in which its event loop had work. */
export class LoadMeter {
  readonly #source: LoadSource;
  #from: Utilization | undefined;
  #end: (() => void) | undefined;
  #load = 0;

  constructor(source: LoadSource = PROCESS) {
    this.#source = source;
  }

  /** 0 to 100; 0 in the first second */
  get load(): number {
    return this.#load;
  }

  start(): void {
    this.stop();
    this.#from = this.#source.utilization();
    this.#end = this.#source.every(WINDOW_MS, () => this.#sample());
  }

  stop(): void {
    this.#end?.();
    this.#end = undefined;
    this.#load = 0;
  }

  #sample(): void {
    const { utilization } = this.#source.utilization(this.#from);
    this.#from = this.#source.utilization();
    this.#load = Math.round(100 * Math.min(1, Math.max(0, utilization)));
  }
}
