interface Counter {
  inc(by?: number): void;
}
interface Gauge {
  set(value: number): void;
}
interface Histogram {
  observe(value: number): void;
}

/** Where the indexer counts; the node's registry fits. The same name and labels give the same series. */
export interface IndexerMetrics {
  counter(name: string, help: string, labels?: Record<string, string>): Counter;
  gauge(name: string, help: string, labels?: Record<string, string>): Gauge;
  histogram(name: string, help: string, buckets: number[], labels?: Record<string, string>): Histogram;
  /** Prometheus exposition format */
  text(): Promise<string>;
  readonly contentType: string;
}
