import { setTimeout as delay } from "node:timers/promises";
import { DrizzleQueryError } from "drizzle-orm";
import { errorCode, isFlkError } from "#protocol/errors/error.ts";
import type { IndexerLogger } from "../logger.ts";

const MAX_BACKOFF_MS = 30_000;

/** Why a loop does not move on, for /ready. */
export interface LoopStatus {
  /** undefined while the last step went well */
  problem: { code: string; message: string } | undefined;
  /** true once a step found nothing more to do, until a step fails */
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
  while (!signal.aborted) {
    let wait = pollMs;
    try {
      const outcome = await step(signal);
      if (status.problem) logger.info("sync_resumed", { source: name });
      status.problem = undefined;
      if (outcome === "idle") status.caughtUp = true;
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

const MAX_DETAIL = 300;

/** What everybody may read of a failure, and what only the log says: statements and their values are nobody's business. */
export function told(error: unknown): { code: string; message: string; detail?: string } {
  if (isFlkError(error)) return { code: error.code, message: error.message };
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  const detail = (cause instanceof Error ? cause.message : String(cause)).slice(0, MAX_DETAIL);
  if (!(error instanceof DrizzleQueryError))
    return { code: errorCode(error), message: "see the log", detail };
  const state = (cause as { code?: unknown } | undefined)?.code;
  const why = typeof state === "string" ? ` (${state})` : "";
  return { code: "ERR_DATABASE", message: `the database does not do what it should${why}`, detail };
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error) || error.name !== "AbortError") throw error;
}
