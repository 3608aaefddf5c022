import { BPS } from "#protocol/params/limits.ts";
import { maxBigint, minBigint } from "#protocol/types/bigint.ts";
import { requireParameter } from "../parameters.ts";
import type { State } from "../state.ts";

/** Ceiling whatever was voted: doubling in a year. Every amount of FLK then fits a u128. */
const MAX_INFLATION_BPS = BPS;

/** 365 days in ms */
export const YEAR_MS = 31_536_000_000;

/** wei that `supply` may grow by in `elapsed` ms at `inflationBps` a year, rounded down (ECO-SCHEDULE). */
export function scheduledEmission(supply: bigint, inflationBps: bigint, elapsed: number): bigint {
  return (inflationBps * supply * BigInt(elapsed)) / (BPS * BigInt(YEAR_MS));
}

export interface Emission {
  /** wei of this epoch */
  wei: bigint;
  /** Unix ms and wei: of the protocol year that `closeTime` is in */
  yearStart: number;
  supplyAtYearStart: bigint;
}

/** Of the epoch that closes. */
export function epochEmission(state: State, closeTime: number): Emission {
  const { openTime, yearStart, genesisSupply, supplyAtYearStart, totalPayoutFlk } = state.meta.value;
  const inflationBps = minBigint(requireParameter(state, "maxInflationBps"), MAX_INFLATION_BPS);
  const supply = genesisSupply + totalPayoutFlk;
  return emissionOver({ openTime, closeTime, yearStart, supplyAtYearStart, supply, inflationBps });
}

/**
 * The schedule from `openTime` to `closeTime` (ECO-YEAR). A new protocol year counts from the supply minted so
 * far; an epoch over its start accrues each part at its own year's supply, and time beyond one whole year is lost, as in
 * the token's own ceiling. Times are Unix ms; `supply`: wei now.
 */
export function emissionOver(epoch: {
  openTime: number;
  closeTime: number;
  yearStart: number;
  supplyAtYearStart: bigint;
  supply: bigint;
  inflationBps: bigint;
}): Emission {
  const { openTime, closeTime, yearStart, supplyAtYearStart, supply, inflationBps: inflation } = epoch;
  const years = Math.floor((closeTime - yearStart) / YEAR_MS);
  if (years === 0) {
    return {
      wei: scheduledEmission(supplyAtYearStart, inflation, closeTime - openTime),
      yearStart,
      supplyAtYearStart,
    };
  }
  const start = yearStart + years * YEAR_MS;
  const before = years === 1 ? scheduledEmission(supplyAtYearStart, inflation, start - openTime) : 0n;
  return {
    wei: before + scheduledEmission(supply, inflation, closeTime - start),
    yearStart: start,
    supplyAtYearStart: supply,
  };
}

export interface BoostTerms {
  /** seconds */
  maxLock: bigint;
  /** basis points of stake that is locked for `maxLock`; below 10 000 it counts as 10 000 */
  maxBoostBps: bigint;
}

/** Of this epoch. */
export function boostTerms(state: State): BoostTerms {
  return {
    maxLock: requireParameter(state, "maxLock"),
    maxBoostBps: requireParameter(state, "maxBoostBps"),
  };
}

/**
 * The boost of a lock times 10 000 · `maxLock` in ms, exact (ECO-BOOST): only quotients of two of them mean something.
 * `lockedUntil`: Unix seconds; `closeTime`: Unix ms.
 */
export function boostFactor(lockedUntil: bigint, closeTime: number, terms: BoostTerms): bigint {
  const longest = terms.maxLock * 1000n;
  const remaining = maxBigint(0n, minBigint(longest, lockedUntil * 1000n - BigInt(closeTime)));
  if (longest === 0n) return BPS;
  return BPS * longest + (maxBigint(BPS, terms.maxBoostBps) - BPS) * remaining;
}

/** wei of `emission` for each weight, revenue times boost factor, rounded down (ECO-SHARE). */
export function scheduledShares(emission: bigint, weights: readonly bigint[]): bigint[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  return weights.map((weight) => (total === 0n ? 0n : (emission * weight) / total));
}
