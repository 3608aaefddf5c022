import type { ParameterKey } from "#protocol/params/keys.ts";

/** wei */
export const FLK = 10n ** 18n;

/** Of a small network that stands on no L2: all that are governed, each once. */
export const PARAMETERS: Record<ParameterKey, bigint> = {
  epochLengthMs: 86_400_000n,
  committeeSize: 4n,
  minStake: 1000n * FLK,
  eligibilityEpochs: 1n,
  nodeShareBps: 7000n,
  serviceShareBps: 1000n,
  treasuryShareBps: 1000n,
  buybackShareBps: 1000n,
  maxInflationBps: 1000n,
  kappaBps: 5000n,
  maxLock: 63_072_000n,
  maxBoostBps: 20_000n,
  l2Stride: 1n,
  thawPeriod: 60n,
  treasury: 1n,
  buyback: 2n,
  minBalance: 1n,
  reputationDampingBps: 2000n,
  reputationRiseBps: 3000n,
  reputationFallBps: 7000n,
  reputationDecayBps: 1000n,
  reputationFloor: 20n,
  uptimeFloorBps: 4000n,
};
