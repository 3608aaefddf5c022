import type { Logger } from "#node/interface/logger.ts";

/** `failure`: why the native library that recovers the signers of accounts' transactions is not there, if it is not. */
export function warnOfSlowKeys(logger: Logger, failure: unknown): void {
  if (failure !== undefined) logger.warn("node.slow_keys", { reason: String(failure) });
}
