import assert from "node:assert/strict";
import { test } from "node:test";
import { Alarm } from "#node/chain/support/alarm.ts";
import { VirtualClock } from "./support/virtual-clock.ts";

const START = 1_000;

test("an alarm rings once, at the time that was set last, and in 1 ms when that has passed", async () => {
  const clock = new VirtualClock(START);
  const rang: number[] = [];
  const alarm = new Alarm(clock, () => void rang.push(clock.now() - START));
  alarm.set(START + 50);
  alarm.set(START + 50);
  alarm.set(START + 20);
  await clock.advance(100);
  assert.deepEqual(rang, [20]);
  alarm.set(START);
  await clock.advance(10);
  assert.deepEqual(rang, [20, 101]);
  alarm.set(START + 200);
  alarm.cancel();
  await clock.advance(500);
  assert.deepEqual(rang, [20, 101]);
});

test("an alarm may be set again while it rings, also for the time at which it rang", async () => {
  const clock = new VirtualClock(START);
  let rang = 0;
  const alarm: Alarm = new Alarm(clock, () => {
    rang++;
    if (rang < 3) alarm.set(START + 50);
  });
  alarm.set(START + 50);
  await clock.advance(200);
  assert.equal(rang, 3);
});
