import type { Logger } from "#node/interface/logger.ts";
import { errorCode } from "#protocol/errors/error.ts";

/** Calls each handler; one that throws is logged and keeps neither the chain nor the others from going on. */
export function tellAll<T>(handlers: ReadonlySet<(value: T) => void>, value: T, logger: Logger): void {
  for (const handler of handlers) {
    try {
      handler(value);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.error("a handler of chain events failed", { code: errorCode(error), reason });
    }
  }
}
