import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChannelMux } from "#node/chain/channel-mux.ts";
import { CertificateFetcher } from "#node/chain/narwhal/certificate-fetcher.ts";
import type { EpochDeps } from "#node/chain/narwhal/deps.ts";
import { Tasks } from "#node/chain/narwhal/tasks.ts";
import { Dag } from "#node/consensus/dag.ts";
import type { Primary } from "#node/consensus/primary.ts";
import { FlkError } from "#protocol/errors/error.ts";
import { rulesOf } from "#test/node/consensus/support/dag-builder.ts";
import { SimClock } from "#test/simulation/support/sim-clock.ts";

test("who names itself as a source again and again and answers nothing does not keep others from being asked", async () => {
  const clock = new SimClock(0);
  const asked: number[] = [];
  const mux = {
    request: (to: number) => {
      asked.push(to);
      return new Promise<Uint8Array>((_, reject) => {
        clock.after(3000, () => reject(new FlkError("ERR_REQUEST_TIMEOUT", "no answer", { to })));
      });
    },
  };
  const { committee } = rulesOf(4);
  const deps = {
    ...{ epoch: committee.epoch, committee, self: 0, clock },
    signal: new AbortController().signal,
    rejections: { error: () => undefined },
  };
  const primary = { suspended: 1, acceptedCount: 0, waiting: () => [], dag: new Dag(new Set()) };
  const tasks = new Tasks((error) => assert.fail(String(error)));
  const fetcher = new CertificateFetcher(
    deps as unknown as EpochDeps,
    mux as unknown as ChannelMux,
    tasks,
    primary as unknown as Primary,
    () => undefined,
  );
  fetcher.want(3);
  for (let i = 0; i < 100; i++) {
    await clock.advance(100);
    fetcher.want(3);
  }
  assert.deepEqual(new Set(asked.slice(0, 3)), new Set([1, 2, 3]), `asked ${asked}`);
});
