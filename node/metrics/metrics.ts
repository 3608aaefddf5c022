import {
  collectDefaultMetrics,
  Counter as PromCounter,
  Gauge as PromGauge,
  Histogram as PromHistogram,
  Registry,
} from "prom-client";
import type { Counter, Gauge, Histogram, Metrics } from "#node/interface/metrics.ts";

type Labels = Record<string, string>;
type Metric = PromCounter | PromGauge | PromHistogram;

class PromMetrics implements Metrics {
  #registry = new Registry();

  constructor(processMetrics: boolean) {
    if (processMetrics) collectDefaultMetrics({ register: this.#registry });
  }

  counter(name: string, help: string, labels: Labels = {}): Counter {
    const make = (labelNames: string[]) =>
      new PromCounter({ name, help, labelNames, registers: [this.#registry] });
    const series = this.#metric(name, labels, PromCounter, make).labels(labels);
    return { inc: (by = 1) => series.inc(by) };
  }

  gauge(name: string, help: string, labels: Labels = {}): Gauge {
    const make = (labelNames: string[]) =>
      new PromGauge({ name, help, labelNames, registers: [this.#registry] });
    const series = this.#metric(name, labels, PromGauge, make).labels(labels);
    return { set: (value) => series.set(value) };
  }

  histogram(name: string, help: string, buckets: number[], labels: Labels = {}): Histogram {
    const make = (labelNames: string[]) =>
      new PromHistogram({ name, help, buckets, labelNames, registers: [this.#registry] });
    const series = this.#metric(name, labels, PromHistogram, make).labels(labels);
    return { observe: (value) => series.observe(value) };
  }

  #metric<M extends Metric>(
    name: string,
    labels: Labels,
    type: abstract new (...args: never[]) => M,
    make: (labelNames: string[]) => M,
  ): M {
    const known = this.#registry.getSingleMetric(name);
    if (known === undefined) return make(Object.keys(labels));
    if (!(known instanceof type)) throw new TypeError(`metric ${name} is of another type`);
    return known;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }
}

export interface MetricsRegistry extends Metrics {
  /** Prometheus exposition format */
  text(): Promise<string>;
  readonly contentType: string;
}

/** A registry of its own; with `process: true` it also shows memory, CPU, event loop and garbage collection. */
export function createMetrics(options: { process?: boolean } = {}): MetricsRegistry {
  return new PromMetrics(options.process ?? false);
}
