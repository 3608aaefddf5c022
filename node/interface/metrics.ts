export interface Counter {
  inc(by?: number): void;
}
export interface Gauge {
  set(value: number): void;
}
export interface Histogram {
  observe(value: number): void;
}

/** Prometheus names and units are in docs/operations/metrics.md. The same name and labels give the same series. */
export interface Metrics {
  counter(name: string, help: string, labels?: Record<string, string>): Counter;
  gauge(name: string, help: string, labels?: Record<string, string>): Gauge;
  histogram(name: string, help: string, buckets: number[], labels?: Record<string, string>): Histogram;
}
