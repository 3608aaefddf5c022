import { BPS } from "#protocol/params/limits.ts";
import { minBigint } from "#protocol/types/bigint.ts";
import { requireParameter } from "../parameters.ts";
import type { State } from "../state.ts";

/** Ceilings whatever was voted: doubling in a year, and half of the buyback part. Every amount of FLK then fits a u128. */
const MAX_INFLATION_BPS = BPS;
const MAX_KAPPA_BPS = BPS / 2n;

/** 365 days in ms */
export const YEAR_MS = 31_536_000_000;
/** wei per FLK */
const FLK = 10n ** 18n;

/** wei that `supply` may grow by in `elapsed` ms at `inflationBps` a year, rounded down (ECO-SCHEDULE). */
export function scheduledEmission(supply: bigint, inflationBps: bigint, elapsed: number): bigint {
  return (inflationBps * supply * BigInt(elapsed)) / (BPS * BigInt(YEAR_MS));
}

/**
 * wei for the revenue of one node (ECO-CAP): its part of the schedule, but at most κ of what its buyback share
 * (micro-USD) buys at `price` (micro-USD per FLK); nothing without a price.
 */
export function grant(args: {
  emission: bigint;
  revenue: bigint;
  totalRevenue: bigint;
  buyback: bigint;
  kappaBps: bigint;
  price: bigint;
}): bigint {
  const { emission, revenue, totalRevenue, buyback, kappaBps, price } = args;
  if (totalRevenue === 0n || price === 0n) return 0n;
  return minBigint((emission * revenue) / totalRevenue, (kappaBps * buyback * FLK) / (BPS * price));
}

/** κ of this epoch, basis points. */
export function kappa(state: State): bigint {
  return minBigint(requireParameter(state, "kappaBps"), MAX_KAPPA_BPS);
}

export interface Emission {
  /** wei of this epoch */
  wei: bigint;
  /** Unix ms and wei: of the protocol year that `closeTime` is in */
  yearStart: number;
  supplyAtYearStart: bigint;
}

/**
 * The schedule from the epoch's start to `closeTime` (ECO-YEAR). A new protocol year counts from the supply minted so
 * far; an epoch over its start accrues each part at its own year's supply, and time beyond one whole year is lost, as in
 * the token's own ceiling.
 */
export function epochEmission(state: State, closeTime: number): Emission {
  const { openTime, yearStart, genesisSupply, supplyAtYearStart, totalPayoutFlk } = state.meta.value;
  const inflation = minBigint(requireParameter(state, "maxInflationBps"), MAX_INFLATION_BPS);
  const years = Math.floor((closeTime - yearStart) / YEAR_MS);
  if (years === 0) {
    return {
      wei: scheduledEmission(supplyAtYearStart, inflation, closeTime - openTime),
      yearStart,
      supplyAtYearStart,
    };
  }
  const start = yearStart + years * YEAR_MS;
  const supply = genesisSupply + totalPayoutFlk;
  const before = years === 1 ? scheduledEmission(supplyAtYearStart, inflation, start - openTime) : 0n;
  return {
    wei: before + scheduledEmission(supply, inflation, closeTime - start),
    yearStart: start,
    supplyAtYearStart: supply,
  };
}
