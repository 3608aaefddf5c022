import type { Hex } from "#protocol/types/hex.ts";

/**
 * What a network is deployed with; docs/operations/deployment.md describes every entry. Addresses are hex, money is in base
 * units (wei, micro-USD), durations are seconds unless the name says otherwise.
 */
export interface DeployParameters {
  /** wei, minted once to `flkReceiver` */
  flkSupply: bigint;
  flkReceiver: Hex;
  /** hard ceiling of the token, basis points per year; `maxInflationBps` cannot exceed it */
  flkCeilingBps: bigint;

  epochLengthMs: bigint;
  committeeSize: bigint;
  /** wei */
  minStake: bigint;
  eligibilityEpochs: bigint;
  nodeShareBps: bigint;
  serviceShareBps: bigint;
  treasuryShareBps: bigint;
  buybackShareBps: bigint;
  maxInflationBps: bigint;
  kappaBps: bigint;
  /** L2 blocks between checkpoints */
  l2Stride: bigint;
  /** at least two epochs, `activationDelay` and `evidenceWindow` together */
  thawPeriod: bigint;
  evidenceWindow: bigint;
  maxLock: bigint;
  /** revenue of a node that is locked for `maxLock` counts so many basis points for the schedule; 10000 is no boost */
  maxBoostBps: bigint;
  equivocationSlashBps: bigint;
  /** of what is slashed */
  reporterRewardBps: bigint;
  /** wei; a slash list above it waits for governance */
  maxSlashPerEpoch: bigint;
  /** micro-USD per 10^9 units */
  maxPrice: bigint;
  /** micro-USD: the least that an account is opened with, by a deposit or a transfer, and that its transactions need */
  minBalance: bigint;
  /** of trust that follows stake, not reports */
  reputationDampingBps: bigint;
  /** of the difference by which a score follows an epoch, up and down */
  reputationRiseBps: bigint;
  reputationFallBps: bigint;
  /** that a score which nobody measured loses per epoch */
  reputationDecayBps: bigint;
  /** nodes below are not drawn; 0 is no floor */
  reputationFloor: bigint;
  uptimeFloorBps: bigint;
  treasury: Hex | "timelock";
  buyback: Hex | "auction";

  /** between the posting of a settlement and its activation */
  activationDelay: bigint;
  /** what a close time may be ahead of the L2 */
  closeTimeTolerance: bigint;
  /** micro-USD that one settlement may add to the payouts */
  maxStablePayout: bigint;
  /** wei that one settlement may add to the payouts */
  maxFlkPayout: bigint;
  /** without an activation for so long, accounts may escape: at least 2 · activationDelay + 1 */
  escapeDelay: bigint;
  exitWindow: bigint;
  /** without an activation for so long, governance may seat a committee: at least escapeDelay + exitWindow */
  recoveryDelay: bigint;
  /** wei per gas that posters get back, at most */
  maxRefundGasPrice: bigint;
  /** wei of ETH that the deployer puts into the settlement for refunds */
  refundPool: bigint;

  /** that a lot of the buyback is on sale */
  auctionDuration: bigint;
  /** a lot starts at so many basis points of the reference price */
  auctionStartMultipleBps: bigint;
  /** a lot ends at the reference price divided by this */
  auctionFloorDivisor: bigint;
  /** a lot sets the reference price when so much of it was sold, basis points */
  auctionMinSoldBps: bigint;
  /** micro-USD */
  auctionMinLot: bigint;
  /** where the first lot looks for the market, wei of FLK per micro-USD */
  auctionFirstReference: bigint;
  /** the reference price stays within these, wei of FLK per micro-USD */
  auctionMinReference: bigint;
  auctionMaxReference: bigint;

  /** between a proposal and its vote */
  votingDelay: bigint;
  votingPeriod: bigint;
  /** wei of votes that a proposer needs */
  proposalThreshold: bigint;
  /** of the FLK supply */
  quorumPercent: bigint;
  /** a vote that reaches its quorum late stays open for so long */
  lateQuorumExtension: bigint;
  /** between a successful vote and its execution */
  timelockDelay: bigint;
  /** vetoes settlements and pauses deposits, stakes and bids, for a time */
  guardian: Hex | "deployer";
  /** starts the network, once */
  launcher: Hex | "deployer";

  /** owner of service 0, the CDN */
  serviceOwner: Hex;
  serviceMetadata: string;
  /** micro-USD per 10^9 bytes, of service 0 */
  bandwidthPrice: bigint;
  /** micro-USD per 10^9 ms, of service 0 */
  computePrice: bigint;
}

/** Where a value may be a contract or account of the deployment itself, by name. */
export const NAMED = {
  treasury: "timelock",
  buyback: "auction",
  guardian: "deployer",
  launcher: "deployer",
} as const;

export const TEXTS = ["serviceMetadata"] as const;
export const ADDRESSES = ["flkReceiver", "serviceOwner"] as const;
