import { type Logger as Pino, pino } from "pino";
import type { LogFields, Logger } from "#node/interface/logger.ts";
import { hostsOnly } from "#protocol/errors/hosts-only.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Fields that could only hold a secret, whatever the caller meant. */
const SECRET = /password|passphrase|secret|private|seed|mnemonic|token|authorization|cookie/i;

function clean(fields: LogFields): Record<string, string | number | boolean | null> {
  const out: Record<string, string | number | boolean | null> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (SECRET.test(name)) out[name] = "[redacted]";
    else if (typeof value === "bigint") out[name] = value.toString();
    else if (typeof value === "string") out[name] = hostsOnly(value);
    else out[name] = value;
  }
  return out;
}

function wrap(logger: Pino): Logger {
  return {
    debug: (event, fields = {}) => logger.debug(clean(fields), event),
    info: (event, fields = {}) => logger.info(clean(fields), event),
    warn: (event, fields = {}) => logger.warn(clean(fields), event),
    error: (event, fields = {}) => logger.error(clean(fields), event),
    child: (fields) => wrap(logger.child(clean(fields))),
  };
}

/**
 * JSON lines on standard output, or on `write`: `level`, `time` (Unix ms), `event` and the fields. Amounts are decimal
 * strings. Fields named like secrets and everything behind the host of a URL are removed.
 */
export function createLogger(
  options: { level?: LogLevel; fields?: LogFields; write?: (line: string) => void } = {},
): Logger {
  const { level = "info", fields = {}, write } = options;
  const settings = {
    level,
    base: clean(fields),
    messageKey: "event",
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return wrap(write ? pino(settings, { write }) : pino(settings));
}
