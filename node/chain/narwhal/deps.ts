import type { CommitteeView } from "#node/consensus/committee.ts";
import type { Clock } from "#node/interface/clock.ts";
import type { ConsensusTiming } from "#node/interface/consensus.ts";
import type { Store } from "#node/interface/store.ts";
import type { Rejections } from "../support/reporter.ts";

/** What the parts of one epoch's consensus share. */
export interface EpochDeps {
  epoch: number;
  committee: CommitteeView;
  /** nodeId */
  self: number;
  timing: ConsensusTiming;
  store: Store;
  clock: Clock;
  rejections: Rejections;
  /** aborted by `stop` and by a fatal error */
  signal: AbortSignal;
  /** stops the node: a failed disk, or a state from which it must not go on */
  fatal(error: unknown): void;
}

/** Members but self, starting with `first` when it is one of them. */
export function othersFrom(deps: EpochDeps, first: number | undefined): number[] {
  const others = deps.committee.nodeIds.filter((nodeId) => nodeId !== deps.self);
  return others.sort((a, b) => Number(b === first) - Number(a === first));
}

/** Resolves after `ms`, or at once when the signal aborts. */
export function delay(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal.addEventListener("abort", done);
  });
}
