import type { SignatureVerifier } from "#node/interface/crypto.ts";
import { foldBeacon } from "#protocol/digests/consensus.ts";
import { sszRoot } from "#protocol/ssz/root.ts";
import { type BalanceChange, Block, type BlockInput } from "#protocol/types/block.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import { type NextL2View, processL2View } from "./block/l2-view.ts";
import { processL2Event } from "./block/process-l2-event.ts";
import { processTransaction } from "./block/process-transaction.ts";
import { signatureVerifier } from "./block/signatures.ts";
import { type ClosedEpoch, closeEpoch } from "./epoch/close-epoch.ts";
import { transitionError } from "./errors.ts";
import { epochLength } from "./parameters.ts";
import type { State } from "./state.ts";

export { assertAdmissible } from "./admissible.ts";
export { type NextL2View, nextL2View } from "./block/l2-view.ts";
export type { ClosedEpoch } from "./epoch/close-epoch.ts";

export interface BlockContext {
  /** settlement digest of the epoch before, or the genesis digest; the same for every block of an epoch */
  opening: Uint8Array;
  /** what `nextL2View` gave for this state and this input */
  view: NextL2View;
  /** finalized L2 events in (view of `state`, `view`], in log order */
  events: L2Event[];
  /** `signatureVerifier` when absent */
  signatures?: SignatureVerifier | undefined;
}

/** Part of the epoch's end in which anchors no longer fold into the next seed. */
const BEACON_CUTOFF_DIVISOR = 10;

/**
 * Executes one committed sub-DAG on `state` (TRN-BLOCK, EPO-CLOSE): L2 events, transactions in order, and the close of the epoch when
 * the block's time has reached its end. The caller writes `state.takeWrites()` atomically with the block.
 * @throws ERR_BLOCK_EPOCH, ERR_BLOCK_INDEX, ERR_BLOCK_OPENING, ERR_BLOCK_VIEW, ERR_L2_EVENT for a block that does not
 * follow; `state` is lost then
 */
export function executeBlock(
  state: State,
  input: BlockInput,
  context: BlockContext,
): { block: Block; closed?: ClosedEpoch } {
  assertFollows(state, input, context);
  const previous = input.index === 0 ? context.opening : state.blockRoot;
  const time = Math.max(state.time, input.time);
  const view = processL2View(state, input, context.view);
  beginBlock(state, input, time, context.opening);

  const l2Changes: BalanceChange[] = [];
  for (const event of context.events) processL2Event(state, event, l2Changes);

  const { signatures = signatureVerifier } = context;
  const receipts = input.transactions.map((bytes) => processTransaction(state, bytes, signatures));

  const closed = time >= state.epochEnd ? closeEpoch(state, l2Changes) : undefined;
  const stateRoot = state.root();
  const block: Block = {
    input,
    previous,
    time,
    l2View: view,
    l2Changes,
    receipts,
    stateRoot,
    closes: closed ? 1 : 0,
  };
  state.setHead(sszRoot(Block, block), stateRoot);
  return closed ? { block, closed } : { block };
}

function assertFollows(state: State, input: BlockInput, context: BlockContext): void {
  if (input.epoch !== state.epoch) {
    throw transitionError("ERR_BLOCK_EPOCH", "the block is of another epoch", {
      expected: state.epoch,
      got: input.epoch,
    });
  }
  if (input.index !== state.blocks) {
    throw transitionError("ERR_BLOCK_INDEX", "the block is not the next one", {
      expected: state.blocks,
      got: input.index,
    });
  }
  if (input.index > 0 && !equalBytes(state.opening, context.opening)) {
    throw transitionError("ERR_BLOCK_OPENING", "the epoch was opened by another settlement", {
      epoch: input.epoch,
    });
  }
}

/** Counters, time, and the beacon: the leader's signature folds into the next seed until the cutoff (TRN-BEACON). */
function beginBlock(state: State, input: BlockInput, time: number, opening: Uint8Array): void {
  const { blocks, totalBlocks, nextSeed } = state.meta.value;
  const cutoff = state.epochEnd - Math.floor(epochLength(state) / BEACON_CUTOFF_DIVISOR);
  const folded = time > cutoff ? nextSeed : foldBeacon(state.network.networkId, nextSeed, input.beacon);
  state.patchMeta({ blocks: blocks + 1, totalBlocks: totalBlocks + 1, time, opening, nextSeed: folded });
}
