/** Codes of metrics and logging. Append only. */
export const METRICS_ERRORS = ["ERR_PORT_IN_USE", "ERR_LISTEN"] as const;
export type MetricsErrorCode = (typeof METRICS_ERRORS)[number];
