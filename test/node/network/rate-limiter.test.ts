import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FrameQueue } from "#node/network/frame-queue.ts";
import { FRAME } from "#node/network/frames.ts";
import { RateLimiter } from "#node/network/rate-limiter.ts";
import { TokenBucket } from "#node/network/token-bucket.ts";

const LIMITS = { messages: { perSecond: 100, burst: 200 }, bytes: { perSecond: 1_000, burst: 5_000 } };

test("a full bucket gives its burst at once and its rate from then on", () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 20 }, 0);
  for (let i = 0; i < 20; i++) {
    assert.equal(bucket.wait(1, 0), 0);
    bucket.charge(1, 0);
  }
  assert.equal(bucket.wait(1, 0), 100);
  assert.equal(bucket.wait(1, 60), 40);
  assert.equal(bucket.wait(1, 100), 0);
  assert.equal(bucket.wait(1_000, 100_000), 0, "more than the burst passes when the bucket is full");
});

test("debt is bounded by half a minute, and a clock that goes back gives nothing", () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 20 }, 1_000);
  bucket.charge(1_000_000, 1_000);
  assert.equal(bucket.wait(1, 0), 30_100);
  assert.equal(bucket.wait(1, 31_100), 0);
});

test("a clock that is set back by an hour costs nobody more than what was owed", () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 20 }, 3_600_000);
  bucket.charge(20, 3_600_000);
  assert.equal(bucket.wait(1, 0), 100);
  assert.equal(bucket.wait(1, 100), 0);
});

test("whatever is asked for when, no more passes than burst and rate allow, and whoever waits as told passes", () => {
  const asks = fc.array(fc.record({ bytes: fc.nat(3_000), pause: fc.nat(200) }), { maxLength: 200 });
  fc.assert(
    fc.property(asks, (list) => {
      const limiter = new RateLimiter(LIMITS, 0);
      let now = 0;
      let messages = 0;
      let bytes = 0;
      for (const ask of list) {
        now += ask.pause;
        const wait = limiter.take(ask.bytes, now);
        if (wait > 0) {
          now += wait;
          assert.equal(limiter.take(ask.bytes, now), 0);
        }
        messages++;
        bytes += ask.bytes;
        assert.ok(messages <= 200 + (100 * now) / 1000 + 1e-6);
        assert.ok(bytes <= 5_000 + (1_000 * now) / 1000 + 1e-6);
      }
    }),
  );
});

test("garbage comes through at a fraction of the rate", () => {
  const limiter = new RateLimiter(LIMITS, 0);
  let passed = 0;
  for (let now = 0; now <= 10_000; ) {
    const wait = limiter.take(1, now);
    if (wait > 0) now += wait;
    else {
      passed++;
      limiter.penalise(now);
    }
  }
  assert.ok(passed >= 30 && passed <= (200 + 1_000) / 32 + 10, `${passed}`);
});

test("the queue gives what it got, in order", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -40, max: 60 }), { maxLength: 100 }), (steps) => {
      const queue = new FrameQueue();
      const model: number[] = [];
      let next = 0;
      for (const step of steps) {
        for (let i = 0; i < step; i++) {
          queue.push({ kind: FRAME.message, id: next, body: new Uint8Array(0) });
          model.push(next++);
        }
        for (let i = 0; i < -step; i++) {
          assert.equal(queue.first()?.id, model[0]);
          assert.equal(queue.shift()?.id, model.shift());
        }
        assert.equal(queue.length, model.length);
      }
    }),
  );
});
