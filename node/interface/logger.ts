export type LogFields = Record<string, string | number | bigint | boolean | null | undefined>;

export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields & { code?: string }): void;
  child(fields: LogFields): Logger;
}
