import { setTimeout as sleep } from "node:timers/promises";
import { cliError } from "../errors.ts";

/** Polls until `check` gives a value; its failures count as "not yet". @throws ERR_DEVNET_TIMEOUT naming `what`, or the abort reason */
export async function until<T>(
  what: string,
  check: () => Promise<T | undefined>,
  options: { signal: AbortSignal; timeoutMs: number; everyMs?: number },
): Promise<T> {
  const deadline = Date.now() + options.timeoutMs;
  let last: unknown;
  while (Date.now() < deadline) {
    options.signal.throwIfAborted();
    try {
      const value = await check();
      if (value !== undefined) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await pause(options.everyMs ?? 250, options.signal);
  }
  const why = last instanceof Error ? ` (${last.message})` : "";
  throw cliError("ERR_DEVNET_TIMEOUT", `${what}: not within ${options.timeoutMs} ms${why}`, {}, last);
}

/** @throws the abort reason */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
