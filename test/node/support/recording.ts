import type { LogFields, Logger } from "#node/interface/logger.ts";
import type { Metrics } from "#node/interface/metrics.ts";

/** Says nothing. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
};

export interface LogLine {
  level: "debug" | "info" | "warn" | "error";
  event: string;
  fields: LogFields;
}

/** Keeps what was logged. */
export function recordingLogger(): Logger & { lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (bound: LogFields): Logger => ({
    debug: (event, fields) => void lines.push({ level: "debug", event, fields: { ...bound, ...fields } }),
    info: (event, fields) => void lines.push({ level: "info", event, fields: { ...bound, ...fields } }),
    warn: (event, fields) => void lines.push({ level: "warn", event, fields: { ...bound, ...fields } }),
    error: (event, fields) => void lines.push({ level: "error", event, fields: { ...bound, ...fields } }),
    child: (fields) => at({ ...bound, ...fields }),
  });
  return { ...at({}), lines };
}

/** Keeps the newest value of each series; `value` sums the series of a name whose labels include `labels`. */
export class RecordingMetrics implements Metrics {
  #series = new Map<string, { name: string; labels: Record<string, string>; value: number }>();

  #at(name: string, labels: Record<string, string>) {
    const id = JSON.stringify([name, Object.entries(labels).sort()]);
    const known = this.#series.get(id);
    if (known) return known;
    const made = { name, labels, value: 0 };
    this.#series.set(id, made);
    return made;
  }

  counter(name: string, _help: string, labels: Record<string, string> = {}) {
    const series = this.#at(name, labels);
    return {
      inc: (by = 1) => {
        series.value += by;
      },
    };
  }

  gauge(name: string, _help: string, labels: Record<string, string> = {}) {
    const series = this.#at(name, labels);
    return {
      set: (value: number) => {
        series.value = value;
      },
    };
  }

  histogram(name: string, _help: string, _buckets: number[], labels: Record<string, string> = {}) {
    const series = this.#at(name, labels);
    return {
      observe: (value: number) => {
        series.value = value;
      },
    };
  }

  value(name: string, labels: Record<string, string> = {}): number {
    let sum = 0;
    for (const series of this.#series.values()) {
      const matches = Object.entries(labels).every(([key, value]) => series.labels[key] === value);
      if (series.name === name && matches) sum += series.value;
    }
    return sum;
  }
}

/** Counts nothing. */
export const silentMetrics: Metrics = {
  counter: () => ({ inc: () => {} }),
  gauge: () => ({ set: () => {} }),
  histogram: () => ({ observe: () => {} }),
};
