import assert from "node:assert/strict";
import { it, type TestContext } from "node:test";
import { systemClock } from "#node/network/system-clock.ts";

const HOUR = 3_600_000;
const DAYS = 24;

/** Time of the mock stands still while a timer's callback sets the next one: hours are lost, not days. */
function pass(t: TestContext, days: number): void {
  for (let hour = 0; hour < days * DAYS; hour++) t.mock.timers.tick(HOUR);
}

it("waits for months, where a timer of Node.js would fire at once, and can be cancelled on the way", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let fired = 0;
  systemClock.after(60 * DAYS * HOUR, () => fired++);
  const cancel = systemClock.after(60 * DAYS * HOUR, () => assert.fail("it was cancelled"));
  pass(t, 59);
  assert.equal(fired, 0);
  cancel();
  pass(t, 2);
  assert.equal(fired, 1);
});

it("tells how long something took, whatever the time of day is set to", (t) => {
  const start = systemClock.elapsed();
  t.mock.timers.enable({ apis: ["Date"], now: 0 });
  assert.equal(systemClock.now(), 0);
  const passed = systemClock.elapsed() - start;
  assert.ok(passed >= 0 && passed < HOUR, String(passed));
});
