import { setTimeout as delay } from "node:timers/promises";
import { told } from "../errors.ts";
import type { IndexerLogger } from "../logger.ts";

const MAX_BACKOFF_MS = 30_000;
/** Who has more to do for so long is slower than its source. */
const BEHIND_MS = 60_000;

/** Why a loop does not move on, for /ready. */
export interface LoopStatus {
  /** undefined while the last step went well */
  problem: { code: string; message: string } | undefined;
  /** true once a step found nothing more to do, until a step fails or none has found that for a minute */
  caughtUp: boolean;
}

/**
 * Repeats `step` until aborted: at once while it reports more work, after `pollMs` otherwise, and after a growing wait
 * when it fails. A failure is logged when it begins or changes, and when it ends.
 */
export async function runLoop(options: {
  name: string;
  pollMs: number;
  signal: AbortSignal;
  logger: IndexerLogger;
  status: LoopStatus;
  step: (signal: AbortSignal) => Promise<"more" | "idle">;
}): Promise<void> {
  const { name, pollMs, signal, logger, status, step } = options;
  let failures = 0;
  let idleAt = 0;
  while (!signal.aborted) {
    let wait = pollMs;
    try {
      const outcome = await step(signal);
      if (status.problem) logger.info("sync_resumed", { source: name });
      status.problem = undefined;
      if (outcome === "idle") {
        status.caughtUp = true;
        idleAt = Date.now();
      } else if (Date.now() - idleAt > BEHIND_MS) status.caughtUp = false;
      failures = 0;
      if (outcome === "more") wait = 0;
    } catch (error) {
      if (signal.aborted) return;
      const { code, message, detail } = told(error);
      if (status.problem?.code !== code) logger.warn("sync_stalled", { source: name, code, message, detail });
      status.problem = { code, message };
      status.caughtUp = false;
      wait = Math.min(pollMs * 2 ** failures++, MAX_BACKOFF_MS);
    }
    if (wait > 0) await delay(wait, undefined, { signal }).catch(ignoreAbort);
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error) || error.name !== "AbortError") throw error;
}
