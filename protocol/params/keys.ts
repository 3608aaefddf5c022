/** Names of the governed parameters as `ProtocolParameters` stores them (ASCII, right-padded to bytes32). */
export const PARAMETER_KEYS = [
  "epochLengthMs",
  "committeeSize",
  "minStake",
  "eligibilityEpochs",
  "nodeShareBps",
  "serviceShareBps",
  "treasuryShareBps",
  "buybackShareBps",
  "maxInflationBps",
  "kappaBps",
  "maxLock",
  "maxBoostBps",
  "l2Stride",
  "thawPeriod",
  "treasury",
  "buyback",
  "minBalance",
  "reputationDampingBps",
  "reputationRiseBps",
  "reputationFallBps",
  "reputationDecayBps",
  "reputationFloor",
  "uptimeFloorBps",
] as const;

export type ParameterKey = (typeof PARAMETER_KEYS)[number];

export function isParameterKey(name: string): name is ParameterKey {
  return (PARAMETER_KEYS as readonly string[]).includes(name);
}
