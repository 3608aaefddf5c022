/** Addresses are hex, money is in base units (wei, micro-USD), durations as the names say. */
export interface DeployParameters {
  /** wei, minted once to `flkReceiver` */
  flkSupply: bigint;
  flkReceiver: `0x${string}`;
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
  /** micro-USD per FLK */
  flkPriceMicroUsd: bigint;
  /** L2 blocks between checkpoints */
  l2Stride: bigint;
  /** seconds */
  thawPeriod: bigint;
  /** micro-USD per 10^9 units */
  maxPrice: bigint;
  /** micro-USD: the least that an account is opened with, by a deposit or a transfer, and that its transactions need */
  minBalance: bigint;
  treasury: `0x${string}`;
  buyback: `0x${string}`;
  /** owner of service 0, the CDN */
  serviceOwner: `0x${string}`;
  serviceMetadata: string;
  /** micro-USD per 10^9 bytes, of service 0 */
  bandwidthPrice: bigint;
  /** micro-USD per 10^9 ms, of service 0 */
  computePrice: bigint;
}

const FLK = 10n ** 18n;

/**
 * For a network on one machine. The addresses are the accounts 0 to 3 of the mnemonic that every development node
 * unlocks ("test test … junk"): deployer, service owner, treasury, buyback.
 */
export const DEVNET_PARAMETERS: DeployParameters = {
  flkSupply: 1_000_000_000n * FLK,
  flkReceiver: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
  flkCeilingBps: 1_000n,
  epochLengthMs: 30_000n,
  committeeSize: 4n,
  minStake: 1_000n * FLK,
  eligibilityEpochs: 0n,
  nodeShareBps: 8_000n,
  serviceShareBps: 1_000n,
  treasuryShareBps: 500n,
  buybackShareBps: 500n,
  maxInflationBps: 300n,
  kappaBps: 5_000n,
  flkPriceMicroUsd: 100_000n,
  l2Stride: 2n,
  thawPeriod: 120n,
  maxPrice: 10n ** 12n,
  minBalance: 10_000n,
  treasury: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
  buyback: "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
  serviceOwner: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  serviceMetadata: "flk:cdn",
  bandwidthPrice: 10_000_000n,
  computePrice: 1_000_000n,
};

interface Bounded {
  key: string;
  value: bigint;
  min: bigint;
  max: bigint;
}

const BPS = 10_000n;
const ADDRESS_MAX = (1n << 160n) - 1n;
const YEAR_S = 31_536_000n;
/** micro-USD; the vault has the same bound. */
const MAX_MIN_BALANCE = 100_000_000n;

/** What the constructor of ProtocolParameters takes; the bounds are ours, fixed at deployment. */
export function boundedParameters(p: DeployParameters): Bounded[] {
  const share = (key: string, value: bigint): Bounded => ({ key, value, min: 0n, max: BPS });
  return [
    { key: "epochLengthMs", value: p.epochLengthMs, min: 1_000n, max: 7n * 86_400_000n },
    { key: "committeeSize", value: p.committeeSize, min: 4n, max: 256n },
    { key: "minStake", value: p.minStake, min: 1n, max: 10n ** 9n * FLK },
    { key: "eligibilityEpochs", value: p.eligibilityEpochs, min: 0n, max: 1_000n },
    share("nodeShareBps", p.nodeShareBps),
    share("serviceShareBps", p.serviceShareBps),
    share("treasuryShareBps", p.treasuryShareBps),
    share("buybackShareBps", p.buybackShareBps),
    { key: "maxInflationBps", value: p.maxInflationBps, min: 0n, max: p.flkCeilingBps },
    { key: "kappaBps", value: p.kappaBps, min: 0n, max: 5_000n },
    { key: "flkPriceMicroUsd", value: p.flkPriceMicroUsd, min: 1n, max: 10n ** 15n },
    { key: "l2Stride", value: p.l2Stride, min: 1n, max: 100_000n },
    { key: "thawPeriod", value: p.thawPeriod, min: 1n, max: YEAR_S },
    { key: "maxPrice", value: p.maxPrice, min: 1n, max: (1n << 64n) - 1n },
    { key: "minBalance", value: p.minBalance, min: 0n, max: MAX_MIN_BALANCE },
    { key: "treasury", value: BigInt(p.treasury), min: 1n, max: ADDRESS_MAX },
    { key: "buyback", value: BigInt(p.buyback), min: 1n, max: ADDRESS_MAX },
  ];
}
