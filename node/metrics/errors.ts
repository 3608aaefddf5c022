import { FlkError } from "#protocol/errors/error.ts";

/** Codes of metrics and logging. Append only. */
type MetricsErrorCode = "ERR_PORT_IN_USE" | "ERR_LISTEN";

type Data = ConstructorParameters<typeof FlkError>[2];

export function metricsError(
  code: MetricsErrorCode,
  message: string,
  data?: Data,
  options?: ErrorOptions,
): FlkError<MetricsErrorCode> {
  return new FlkError(code, message, data, options);
}
