import type { Committee } from "#protocol/types/committee.ts";
import type { L2Checkpoint } from "#protocol/types/consensus.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import type { Settlement, SettlementCertificate } from "#protocol/types/settlement.ts";

/** How the L2 started this network (EpochSettlement.Started). */
export interface Genesis {
  committee: Committee;
  /** Unix ms: the start of epoch 0 */
  startTime: number;
  /** L2 block of the start; events up to and including it make the genesis state */
  checkpoint: L2Checkpoint;
  /** FLK in existence at the start, wei */
  flkSupply: bigint;
  /** digests/settlement.ts genesisDigest */
  digest: Uint8Array;
}

/** Reads finalized L2 logs only, from every configured RPC URL alike, and stops with a code when they disagree. */
export interface L2Reader {
  /** Waits until the start is finalized. @throws ERR_L2_CHAIN_ID, ERR_ABORTED */
  genesis(signal?: AbortSignal): Promise<Genesis>;
  /** Highest L2 block that the reader has read and that is finalized. */
  finalized(): L2Checkpoint | undefined;
  /**
   * The checkpoints at every multiple of `stride` in (after, finalized], ascending, at most `limit`: what this node's
   * headers report.
   */
  checkpoints(after: number, stride: number, limit: number): L2Checkpoint[];
  /**
   * Events in (after, upTo.number] in log order; waits until the reader has got there.
   * @throws ERR_L2_FORK when its own block has another hash than `upTo` (the node must stop), ERR_ABORTED
   */
  events(after: number, upTo: L2Checkpoint, signal?: AbortSignal): Promise<L2Event[]>;
}

/** Writes to the L2. */
export interface L2Poster {
  /** Epoch of the last settlement on the L2, -1 before the first. */
  lastSettledEpoch(): Promise<number>;
  /**
   * Posts `settle`; resolves with the hash of the transaction once it is mined, or undefined when someone else was first.
   * `previous`: the settlement of the epoch before, where this node has it; else the L2's own logs are asked.
   */
  settle(
    certificate: SettlementCertificate,
    previous: Settlement | undefined,
  ): Promise<{ txHash: string; gasUsed: bigint } | undefined>;
  /**
   * Makes every posted settlement active that is due and that nothing holds, oldest first. `settlementOf`: as this node has it, if it
   * does. Resolves with the ms until the next one is due; undefined when none waits for its time.
   */
  activate(settlementOf: (epoch: number) => Promise<Settlement | undefined>): Promise<number | undefined>;
}
