import type { Logger } from "#node/interface/logger.ts";
import type { Metrics } from "#node/interface/metrics.ts";
import { errorCode } from "#protocol/errors/error.ts";

/** Counts and logs what peers sent and we refused. */
export class Rejections {
  #metrics: Metrics;
  #logger: Logger;

  constructor(metrics: Metrics, logger: Logger) {
    this.#metrics = metrics;
    this.#logger = logger;
  }

  /** `from`: who is to blame, the signer of what is wrong where there is one, else who sent it */
  count(reason: string, from?: number): void {
    const labels = { peer: from === undefined ? "" : String(from), reason };
    const help = "Messages from peers that were refused, by peer and reason";
    this.#metrics.counter("flk_rejected_messages_total", help, labels).inc();
    this.#logger.debug("message refused", { reason, from });
  }

  error(error: unknown, from?: number): void {
    this.count(errorCode(error), from);
  }
}
