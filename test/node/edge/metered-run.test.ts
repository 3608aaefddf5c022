import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Transfer } from "#node/delivery/credit.ts";
import type { Delivery } from "#node/delivery/delivery.ts";
import type { Session } from "#node/delivery/sessions.ts";
import { type MeteredRun, runMetered } from "#node/edge/compute/metered-run.ts";
import { ECHO, moduleOf, repeat } from "./support/wasm.ts";

/** A delivery that grants `slice` ms whenever it is asked, and counts. */
function granting(slice: number) {
  const transfer = { sent: 0n };
  const delivery: Pick<Delivery, "reserve" | "giveBack"> = {
    async reserve(_session, _transfer, _max, signal) {
      signal.throwIfAborted();
      transfer.sent += BigInt(slice);
      return slice;
    },
    giveBack(_session, _transfer, units) {
      transfer.sent -= BigInt(units);
    },
  };
  const fakes = { delivery: delivery as Delivery, session: {} as Session };
  const signal = new AbortController().signal;
  const run = (module: Uint8Array): MeteredRun => ({
    ...{ ...fakes, transfer: transfer as unknown as Transfer, module, signal },
    ...{ input: new Uint8Array(), maxMs: 60_000, onProgress: () => undefined },
  });
  return { transfer, delivery, run };
}

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test("a run that ends while the node is behind with granting says no more of itself, and counts no more", async () => {
  const { run, transfer } = granting(1);
  let over = false;
  let stray = 0;
  // each report takes longer than what was granted, so that the end always comes between a grant and the next report
  const onProgress = (): void => {
    if (over) stray += 1;
    if (stray < 5) block(3);
  };
  const { ms } = await runMetered({ ...run(moduleOf(repeat(20_000_000))), onProgress }).finally(() => {
    over = true;
  });
  await delay(20);
  assert.deepEqual([stray, transfer.sent], [0, BigInt(ms)]);
});

test("where no process can be started, nothing has run and nothing is counted", async () => {
  const { run, transfer, delivery } = granting(100);
  const reserve = mock.method(delivery, "reserve");
  const { execPath } = process;
  process.execPath = "/nowhere/node";
  try {
    await assert.rejects(runMetered(run(ECHO)), { code: "ERR_COMPUTE_FAILED" });
  } finally {
    process.execPath = execPath;
  }
  assert.deepEqual([transfer.sent, reserve.mock.callCount()], [0n, 0]);
});
