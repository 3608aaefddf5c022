import type { Kind } from "#protocol/digests/consensus.ts";
import type { NetworkContext } from "#protocol/digests/network.ts";
import type { BlockInput } from "#protocol/types/block.ts";
import type { Committee } from "#protocol/types/committee.ts";
import type { L2Checkpoint, SignedAttestation } from "#protocol/types/consensus.ts";
import type { Clock } from "./clock.ts";
import type { ConsensusSigner, ConsensusVerifier } from "./crypto.ts";
import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";
import type { Network } from "./network.ts";
import type { Startable } from "./startable.ts";
import type { Store, Write } from "./store.ts";

/** One committed sub-DAG, in order, and the writes that move consensus past it. */
export interface CommittedSubDag {
  input: BlockInput;
  /** Consensus cursor: executed state, block and these are written in one atomic, synced batch (DESIGN §6). */
  cursor: Write[];
  /** digests of its certificates, in order; the anchor's is the last */
  certificates: Uint8Array[];
}

/** ms, rounds and bytes; defaults and their sources in node/consensus. */
export interface ConsensusTiming {
  minHeaderDelayMs: number;
  maxHeaderDelayMs: number;
  maxBatchDelayMs: number;
  batchBytes: number;
  gcDepth: number;
}

/** Knows what our keys signed, and whether they may sign now (docs/spec/protection.md). */
export interface SigningGuard {
  /** False while the node listens for its own key: nothing may be signed. */
  readonly cleared: boolean;
  /** ms still to listen, while enough of the committee is connected: longer until the committee was heard to go on */
  readonly remainingMs: number;
  /** It listened for `ms` more, and heard nothing of ours. `goesOn`: rounds were certified since the listening began. */
  listened(ms: number, goesOn: boolean): void;
  /** Nothing remains: signing may begin. */
  clear(): void;
  /** Whether a valid signature of ours for this is not explained by what was recorded. */
  isUnrecorded(kind: Kind, epoch: number, slot: bigint, payloadHash: Uint8Array): boolean;
}

export interface EpochConsensusOptions {
  context: NetworkContext;
  committee: Committee;
  /** nodeId, a member of `committee` */
  self: number;
  signer: ConsensusSigner;
  verifier: ConsensusVerifier;
  /** settlement digest of the epoch before, or the genesis digest: makes the round-0 certificates */
  opening: Uint8Array;
  /** beacon seed of this epoch, 32 bytes */
  seed: Uint8Array;
  timing: ConsensusTiming;
  network: Network;
  store: Store;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** Without one nothing is listened for. */
  guard?: SigningGuard;
  /** L2 checkpoints for the next own header: every multiple of the stride that it has not reported yet, ascending. */
  nextCheckpoints(reportedUpTo: number): L2Checkpoint[];
  /** Own attestations that no header of ours has carried yet. */
  takeAttestations(): SignedAttestation[];
  /** Attestations that accepted certificates carried; signatures are not yet checked. */
  onAttestations(attestations: SignedAttestation[]): void;
  /**
   * Called in order, one at a time; the next commit waits for it. After `closed: true` the instance emits no more.
   * A rejection stops the node.
   */
  onCommit(subDag: CommittedSubDag): Promise<{ closed: boolean }>;
  /** A database error or another state from which the node must not go on. */
  onFatal(error: unknown): void;
}

/** Narwhal and Bullshark for one epoch on one committee member; driven by node/chain. */
export interface EpochConsensus extends Startable {
  readonly epoch: number;
  /**
   * Takes transactions into this member's batches: durable when resolved, and re-queued by the instance until a
   * certificate that holds them commits. What is still uncommitted when the epoch closes is returned by `pending`.
   * @throws ERR_POOL_FULL
   */
  submit(transactions: Uint8Array[]): Promise<void>;
  /** Own transactions that were accepted and have not committed. */
  pending(): Promise<Uint8Array[]>;
  status(): { round: number; lastCommittedRound: number; certificates: number; batches: number };
}
