import { MIN_DAMPING } from "#protocol/params/limits.ts";
import type { DeployParameters } from "./parameters.ts";

interface Bounded<Holder> {
  key: string;
  value: bigint | Holder;
  min: bigint;
  max: bigint;
}

const FLK = 10n ** 18n;
const BPS = 10_000n;
const ADDRESS_MAX = (1n << 160n) - 1n;
const DAY_S = 86_400n;
const YEAR_S = 365n * DAY_S;
/** micro-USD; the vault has the same bound. */
const MAX_MIN_BALANCE = 100_000_000n;

/**
 * What ProtocolParameters is initialised with: each governed number, and the bounds that governance cannot leave.
 * `treasury` and `buyback` are who is paid, where the parameters name contracts of the deployment.
 */
export function boundedParameters<Holder>(
  p: DeployParameters,
  holders: { treasury: Holder; buyback: Holder },
): Bounded<Holder>[] {
  const share = (key: string, value: bigint): Bounded<Holder> => ({ key, value, min: 0n, max: BPS });
  return [
    { key: "epochLengthMs", value: p.epochLengthMs, min: 1_000n, max: 7n * DAY_S * 1_000n },
    { key: "committeeSize", value: p.committeeSize, min: 4n, max: 256n },
    { key: "minStake", value: p.minStake, min: 1n, max: 10n ** 9n * FLK },
    { key: "eligibilityEpochs", value: p.eligibilityEpochs, min: 0n, max: 1_000n },
    share("nodeShareBps", p.nodeShareBps),
    share("serviceShareBps", p.serviceShareBps),
    share("treasuryShareBps", p.treasuryShareBps),
    share("buybackShareBps", p.buybackShareBps),
    { key: "maxInflationBps", value: p.maxInflationBps, min: 0n, max: p.flkCeilingBps },
    { key: "kappaBps", value: p.kappaBps, min: 0n, max: 5_000n },
    { key: "l2Stride", value: p.l2Stride, min: 1n, max: 100_000n },
    { key: "thawPeriod", value: p.thawPeriod, min: 1n, max: YEAR_S },
    { key: "evidenceWindow", value: p.evidenceWindow, min: 1n, max: 90n * DAY_S },
    { key: "maxLock", value: p.maxLock, min: 1n, max: 4n * YEAR_S },
    { key: "maxBoostBps", value: p.maxBoostBps, min: BPS, max: 10n * BPS },
    { key: "equivocationSlashBps", value: p.equivocationSlashBps, min: 1n, max: BPS },
    { key: "reporterRewardBps", value: p.reporterRewardBps, min: 0n, max: 5_000n },
    { key: "maxSlashPerEpoch", value: p.maxSlashPerEpoch, min: 0n, max: 10n ** 9n * FLK },
    { key: "maxPrice", value: p.maxPrice, min: 1n, max: (1n << 64n) - 1n },
    { key: "minBalance", value: p.minBalance, min: 0n, max: MAX_MIN_BALANCE },
    { key: "reputationDampingBps", value: p.reputationDampingBps, min: BigInt(MIN_DAMPING), max: 5_000n },
    { key: "reputationRiseBps", value: p.reputationRiseBps, min: 100n, max: BPS },
    { key: "reputationFallBps", value: p.reputationFallBps, min: 100n, max: BPS },
    share("reputationDecayBps", p.reputationDecayBps),
    { key: "reputationFloor", value: p.reputationFloor, min: 0n, max: 50n },
    { key: "uptimeFloorBps", value: p.uptimeFloorBps, min: 0n, max: 9_000n },
    { key: "treasury", value: holders.treasury, min: 1n, max: ADDRESS_MAX },
    { key: "buyback", value: holders.buyback, min: 1n, max: ADDRESS_MAX },
  ];
}
