import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

/** Waits until `condition` holds; fails with `what` after `timeoutMs`. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 15_000,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) assert.fail(`not within ${timeoutMs} ms: ${what}`);
    await sleep(10);
  }
}
