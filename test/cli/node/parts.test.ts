import assert from "node:assert/strict";
import { test } from "node:test";
import { Parts } from "#cli/node/parts.ts";
import type { Startable } from "#node/interface/startable.ts";

function recorder(): { log: string[]; part(name: string, start?: () => Promise<void>): Startable } {
  const log: string[] = [];
  return {
    log,
    part: (name, start = async () => undefined) => ({
      async start() {
        log.push(`start ${name}`);
        await start();
      },
      async stop() {
        log.push(`stop ${name}`);
      },
    }),
  };
}

test("parts stop in the reverse order, also the one whose start failed", async () => {
  const { log, part } = recorder();
  const parts = new Parts();
  const broken = part("b", () => Promise.reject(new Error("broken")));
  await assert.rejects(parts.start(part("a"), broken, part("c")), /broken/);
  await parts.stop();
  assert.deepEqual(log, ["start a", "start b", "stop b", "stop a"]);
});

test("nothing starts after a stop that came while a part was starting", async () => {
  const { log, part } = recorder();
  const parts = new Parts();
  let finish = (): void => undefined;
  const slow = part("b", () => new Promise((resolve) => (finish = resolve)));
  const starting = parts.start(part("a"), slow, part("c"));
  await new Promise((resolve) => setImmediate(resolve));
  await parts.stop();
  finish();
  await assert.rejects(starting, { code: "ERR_INTERRUPTED" });
  await assert.rejects(parts.start(part("d")), { code: "ERR_INTERRUPTED" });
  assert.deepEqual(log, ["start a", "start b", "stop b", "stop a"]);
});

test("every part is stopped even if one fails, and the first failure is thrown", async () => {
  const { log, part } = recorder();
  const parts = new Parts();
  const stubborn: Startable = {
    start: async () => undefined,
    stop: () => Promise.reject(new Error("stuck")),
  };
  await parts.start(part("a"), stubborn);
  await assert.rejects(parts.stop(), /stuck/);
  assert.deepEqual(log, ["start a", "stop a"]);
});
