import assert from "node:assert/strict";
import { test } from "node:test";
import { LoadMeter, type LoadSource } from "#node/edge/load.ts";

/** A process that a test keeps busy, and seconds that pass only here. */
class Seconds implements LoadSource {
  waiting: (() => void) | undefined;
  #busy = 0;
  #now = 0;

  utilization(since?: { active: number; idle: number }) {
    const active = this.#busy - (since?.active ?? 0);
    const idle = this.#now - this.#busy - (since?.idle ?? 0);
    return { active, idle, utilization: active / (active + idle) };
  }

  every(ms: number, callback: () => void): () => void {
    assert.equal(ms, 1_000);
    this.waiting = callback;
    return () => {
      this.waiting = undefined;
    };
  }

  /** @param busy part of the second */
  pass(busy: number): void {
    this.#now += 1_000;
    this.#busy += 1_000 * busy;
    this.waiting?.();
  }
}

test("the load is that of the last second, whenever it was asked for before", () => {
  const seconds = new Seconds();
  const meter = new LoadMeter(seconds);
  seconds.pass(1);
  meter.start();
  assert.equal(meter.load, 0, "of the time before the start nothing is known");
  for (let busy = 0; busy < 60; busy++) seconds.pass(1);
  assert.equal(meter.load, 100);
  seconds.pass(0.75);
  assert.deepEqual([meter.load, meter.load], [75, 75]);
  seconds.pass(0);
  assert.equal(meter.load, 0, "the busy minute is over");
});

test("it measures no more once it was stopped, and begins anew", () => {
  const seconds = new Seconds();
  const meter = new LoadMeter(seconds);
  meter.start();
  seconds.pass(1);
  meter.stop();
  meter.stop();
  assert.deepEqual([meter.load, seconds.waiting], [0, undefined]);
  seconds.pass(1);
  meter.start();
  seconds.pass(0.5);
  assert.equal(meter.load, 50);
});

test("of this process, by a timer that does not keep it alive", (t) => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  const meter = new LoadMeter();
  meter.start();
  t.after(() => meter.stop());
  assert.equal(timers(), before);
  assert.ok(meter.load >= 0 && meter.load <= 100);
});
