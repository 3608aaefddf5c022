import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodeFrame, FRAME, type Frame, FrameDecoder, frameSize } from "#node/network/frames.ts";
import { MAX_MESSAGE_BYTES } from "#protocol/params/limits.ts";

test("frames come out as they went in, however the bytes are cut", () => {
  const frame = fc.record({
    kind: fc.nat(255),
    id: fc.nat(0xffff_ffff),
    body: fc.uint8Array({ maxLength: 200 }),
  });
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 10 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 50 })),
      (frames, cuts) => {
        const wire = Buffer.concat(frames.map(({ kind, id, body }) => encodeFrame(kind, id, body)));
        const decoder = new FrameDecoder();
        const out: Frame[] = [];
        for (let at = 0; at < wire.length; ) {
          const size = cuts.next().value as number;
          out.push(...(decoder.push(wire.subarray(at, at + size)) ?? []));
          at += size;
        }
        assert.deepEqual(
          out.map(({ kind, id, body }) => [kind, id, [...body]]),
          frames.map(({ kind, id, body }) => [kind, id, [...body]]),
        );
      },
    ),
  );
});

test("a length below the head or above the largest message is not a frame", () => {
  const length = (value: number) => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value);
    return bytes;
  };
  assert.equal(new FrameDecoder().push(length(4)), undefined);
  assert.equal(new FrameDecoder().push(length(MAX_MESSAGE_BYTES + 6)), undefined);
  assert.deepEqual(new FrameDecoder().push(length(MAX_MESSAGE_BYTES + 5)), []);
  const largest = new Uint8Array(MAX_MESSAGE_BYTES);
  const bytes = encodeFrame(FRAME.message, 0, largest);
  assert.equal(bytes.length, frameSize(largest));
  assert.equal(new FrameDecoder().push(bytes)?.[0]?.body.length, MAX_MESSAGE_BYTES);
});
