import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isFlkError } from "#protocol/errors/error.ts";
import { limitLanesPerS } from "#scripts/bench/acks/bench.ts";
import { acksOptions } from "#scripts/bench/acks/options.ts";
import { assertSomething, everywhereAt, outcomeOf } from "#scripts/bench/acks/outcome.ts";

const paid = (height: number, lanes: number[], counts: number[]) => ({
  height,
  lanes: Uint32Array.from(lanes),
  counts: Uint32Array.from(counts),
});

describe("acks bench", () => {
  it("takes a block as there when the last node has it, and not when one never had it", () => {
    const first = { heights: [0, 1, 2], at: [10, 20, 30] };
    const second = { heights: [0, 2], at: [15, 25] };
    assert.deepEqual(
      [...everywhereAt([first, second])],
      [
        [0, 15],
        [2, 30],
      ],
    );
  });

  it("ERR_BENCH_NOTHING: a run in which nothing was confirmed or paid says what did happen instead of zeros", () => {
    const clients = [{ counts: Uint32Array.of(1, 2) }];
    const check = (confirmed: number, lanes: number) => () =>
      assertSomething({ confirmed, lanes }, { ERR_ACK_EPOCH: 3 }, [{ heights: [1, 2] }], clients);
    check(1, 1)();
    for (const [confirmed, lanes] of [
      [0, 0],
      [5, 0],
      [0, 5],
    ] as const) {
      assert.throws(check(confirmed, lanes), (error) => {
        const told = isFlkError(error, "ERR_BENCH_NOTHING") && error.message;
        return told !== false && told.includes('{"ERR_ACK_EPOCH":3}') && told.includes("2 were confirmed");
      });
    }
  });

  it("counts a lane once per block that pays it, and each delivery once", () => {
    const confirmed = {
      lanes: Uint32Array.of(7, 7, 8, 7),
      counts: Uint32Array.of(1, 2, 1, 3),
      signedAt: Float64Array.of(100, 110, 120, 190),
    };
    const blocks = [paid(0, [7, 8], [2, 1]), paid(1, [7], [3])];
    const at = new Map([
      [0, 150],
      [1, 250],
    ]);
    const all = outcomeOf(blocks, at, [confirmed], { from: 0, to: 1000 });
    assert.deepEqual(
      { ...all, latencies: [...all.latencies] },
      {
        lanes: 3,
        deliveries: 4,
        latencies: [30, 40, 50, 60],
        confirmed: 4,
        paid: 4,
      },
    );
    // the second block came too late, and what it pays was signed in the window all the same
    const early = outcomeOf(blocks, at, [confirmed], { from: 105, to: 200 });
    assert.deepEqual(
      { ...early, latencies: [...early.latencies] },
      {
        lanes: 2,
        deliveries: 3,
        latencies: [30, 40, 50],
        confirmed: 3,
        paid: 3,
      },
    );
  });

  it("leaves out what a block that not every node has would pay", () => {
    const confirmed = { lanes: Uint32Array.of(1), counts: Uint32Array.of(1), signedAt: Float64Array.of(5) };
    const outcome = outcomeOf([paid(0, [1], [1])], new Map(), [confirmed], { from: 0, to: 10 });
    assert.equal(outcome.lanes, 0);
    assert.equal(outcome.latencies.length, 0);
  });

  it("computes the limit from one signature and a check at the edge and on each node", () => {
    const calibration = { ed25519SignPerS: 20_000, ed25519VerifyPerS: 10_000 };
    // 50 µs and 5 times 100 µs, on two cores
    assert.equal(limitLanesPerS(calibration, 4, 2), Math.floor(2 / 0.00055));
  });

  it("refuses options that make no sense", () => {
    for (const values of [{ nodes: "3" }, { clients: "0" }, { size: "x" }, { lanes: "65" }]) {
      assert.throws(
        () => acksOptions(values),
        (error) => isFlkError(error, "ERR_USAGE"),
      );
    }
    assert.equal(acksOptions({}).clients, 2000);
  });
});
