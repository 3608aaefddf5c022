import type { LogLevel } from "#node/metrics/logger.ts";
import { cliError } from "../errors.ts";

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** @throws ERR_USAGE */
export function parseLogLevel(text: string): LogLevel {
  const level = LEVELS.find((known) => known === text);
  if (level) return level;
  throw cliError("ERR_USAGE", `--log-level must be one of ${LEVELS.join(", ")}, not ${text}`);
}

/** The log goes to stderr: stdout is for data. */
export function writeLog(line: string): void {
  process.stderr.write(line);
}
