import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keepFor } from "#indexer/api/kept.ts";

describe("what is kept for a while", () => {
  it("is read once for all who ask at once, and again when its time is over", async () => {
    let time = 0;
    let reads = 0;
    const read = keepFor(
      1_000,
      async () => ++reads,
      () => time,
    );
    assert.deepEqual(await Promise.all([read(), read(), read()]), [1, 1, 1]);
    time = 999;
    assert.equal(await read(), 1);
    time = 1_000;
    assert.deepEqual(await Promise.all([read(), read()]), [2, 2]);
  });

  it("is not a failure", async () => {
    let reads = 0;
    const read = keepFor(
      1_000,
      async () => {
        if (++reads === 1) throw new Error("away");
        return reads;
      },
      () => 0,
    );
    await assert.rejects(read(), /away/);
    assert.equal(await read(), 2);
  });
});
