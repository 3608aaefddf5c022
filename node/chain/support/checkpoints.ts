import type { L2Reader } from "#node/interface/l2.ts";
import type { State } from "#node/transition/state.ts";
import { MAX_HEADER_CHECKPOINTS } from "#protocol/params/limits.ts";
import type { L2Checkpoint } from "#protocol/types/consensus.ts";

/** Those that our next header may carry: what neither the chain nor our headers have seen. */
export function nextCheckpoints(state: State, l2: L2Reader, reportedUpTo: number): L2Checkpoint[] {
  const stride = Number(state.parameter("l2Stride") ?? 1n);
  return l2.checkpoints(Math.max(reportedUpTo, state.l2View.number), stride, MAX_HEADER_CHECKPOINTS);
}
