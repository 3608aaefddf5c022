import type { ChainView, TransactionPool } from "#node/interface/chain-view.ts";
import type { Clock } from "#node/interface/clock.ts";
import type { ConsensusTiming, EpochConsensus, EpochConsensusOptions } from "#node/interface/consensus.ts";
import type { ConsensusSigner, ConsensusVerifier, SignatureVerifier } from "#node/interface/crypto.ts";
import type { L2Poster, L2Reader } from "#node/interface/l2.ts";
import type { Logger } from "#node/interface/logger.ts";
import type { Metrics } from "#node/interface/metrics.ts";
import type { Network } from "#node/interface/network.ts";
import type { Startable } from "#node/interface/startable.ts";
import type { Store } from "#node/interface/store.ts";
import type { NetworkContext } from "#protocol/digests/network.ts";
import type { DoppelgangerOptions } from "./protection/doppelganger.ts";

export interface ChainOptions {
  context: NetworkContext;
  /** nodeId */
  self: number;
  /** the node's consensus keys of every version that it has */
  signers: readonly ConsensusSigner[];
  verifier: ConsensusVerifier;
  /** of transactions; all are checked with the curves when absent */
  signatures?: SignatureVerifier;
  network: Network;
  store: Store;
  clock: Clock;
  l2: L2Reader;
  /** Without one, settlements are left to other members. */
  poster?: L2Poster;
  logger: Logger;
  metrics: Metrics;
  timing: ConsensusTiming;
  /** The poster of rank k waits k times this (ms). */
  posterStepMs: number;
  createConsensus(options: EpochConsensusOptions): EpochConsensus;
  /** Without it the node signs at once, and still stops at signatures that it does not know. */
  doppelganger?: DoppelgangerOptions;
  /**
   * The node must stop: ERR_STATE_DIVERGED, ERR_DOUBLE_SIGN, ERR_DOPPELGANGER, ERR_L2_FORK, ERR_STORE, … Called once; the chain
   * executes and signs nothing more.
   */
  onFatal(error: unknown): void;
}

/** The protocol chain of one node: member or follower as the committee changes (DESIGN §6). */
export interface Chain extends Startable, ChainView, TransactionPool {
  /** For readiness: why what the reads show may be old, undefined when nothing says so. Needs `start` to have resolved. */
  behind(): string | undefined;
}
