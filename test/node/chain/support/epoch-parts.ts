import type { ChannelMux } from "#node/chain/channel-mux.ts";
import type { EpochDeps } from "#node/chain/narwhal/deps.ts";
import { DEFAULT_TIMING } from "#node/chain/narwhal/epoch-consensus.ts";
import { Tasks } from "#node/chain/narwhal/tasks.ts";
import { Rejections } from "#node/chain/support/reporter.ts";
import type { EpochRules } from "#node/consensus/header.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";
import { RecordingMetrics, silentLogger } from "#test/node/support/recording.ts";
import { VirtualClock } from "./virtual-clock.ts";

export type Answer = (to: number, tag: number, message: Uint8Array) => Promise<Uint8Array>;

/** What a part of one epoch's consensus needs, alone: member 0 with its disk, and peers that `answer`. */
export function epochParts(rules: EpochRules, now: number, answer: Answer) {
  const clock = new VirtualClock(now);
  const disk = new MemoryStore();
  const metrics = new RecordingMetrics();
  const abort = new AbortController();
  const fatal: unknown[] = [];
  const deps: EpochDeps = {
    epoch: rules.committee.epoch,
    committee: rules.committee,
    self: 0,
    timing: DEFAULT_TIMING,
    store: disk,
    clock,
    rejections: new Rejections(metrics, silentLogger),
    signal: abort.signal,
    fatal: (error) => void fatal.push(error),
  };
  const tasks = new Tasks((error) => void fatal.push(error));
  const mux = { request: answer } as unknown as ChannelMux;
  return { clock, disk, metrics, abort, fatal, deps, tasks, mux };
}
