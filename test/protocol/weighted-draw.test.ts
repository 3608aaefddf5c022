import assert from "node:assert/strict";
import { test } from "node:test";
import { drawKey, inDrawnOrder } from "#protocol/choice/weighted-draw.ts";

test("weight 0 comes last, whatever chance says", () => {
  for (const chance of [Number.MIN_VALUE, 0.5, 1]) assert.equal(drawKey(chance, 0), Number.POSITIVE_INFINITY);
  assert.deepEqual(
    inDrawnOrder(
      [0, 3, 0, 1],
      (weight) => weight,
      () => 0,
    ),
    [3, 1, 0, 0],
  );
  const chances = [0.9, 0.1, 0.5];
  assert.deepEqual(
    inDrawnOrder(
      [0, 1, 2],
      (weight) => weight,
      () => chances.shift() ?? 0,
    ),
    [1, 2, 0],
  );
});
