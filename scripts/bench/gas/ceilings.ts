import type { GasFigures } from "./measure.ts";

/**
 * The most that a call may cost. Round figures are where the calls were to go; the others are the figures of the day they were set
 * plus about 2 %. Lower a ceiling when a call gets cheaper; raising one needs a reason in the commit.
 */
const SETTLE = [
  { members: 4, nonSigners: 0, ceiling: 308_300 },
  { members: 4, nonSigners: 1, ceiling: 325_800 },
  { members: 50, nonSigners: 0, ceiling: 320_700 },
  { members: 50, nonSigners: 5, ceiling: 360_000 },
  { members: 50, nonSigners: 16, ceiling: 432_000 },
  { members: 100, nonSigners: 0, ceiling: 340_000 },
  { members: 100, nonSigners: 5, ceiling: 376_600 },
  { members: 100, nonSigners: 33, ceiling: 551_600 },
];

const CALLS = {
  "claim, first of an account": 140_000,
  "claim, again": 95_000,
  "topUp, first of a client": 130_000,
  "topUp, again": 78_300,
  register: 520_000,
  slash: 450_000,
  "slash, with a thawing request": 460_300,
  "slash, for an epoch before the last": 463_000,
  "settle, 50 members, 5 absent, nothing to activate": 301_300,
  activate: 106_500,
  stake: 117_400,
  requestUnstake: 125_800,
  withdraw: 119_500,
} as const;

/** One row of the table: a call, what it cost, and what it may cost. */
export interface GasRow {
  call: string;
  gas: bigint;
  ceiling: number;
}

export function gasRows(figures: GasFigures): GasRow[] {
  const { settle, activate, claim, topUp, register, slash, stake, requestUnstake, withdraw } = figures;
  const gas: Record<keyof typeof CALLS, bigint> = {
    "claim, first of an account": claim.first,
    "claim, again": claim.again,
    "topUp, first of a client": topUp.first,
    "topUp, again": topUp.again,
    register,
    slash,
    "slash, with a thawing request": figures.slashThawing,
    "slash, for an epoch before the last": figures.slashLate,
    "settle, 50 members, 5 absent, nothing to activate": figures.settleAlone,
    activate,
    stake,
    requestUnstake,
    withdraw,
  };
  const settles = settle.map(({ members, nonSigners, gas: used }) => ({
    call: `settle, ${members} members, ${nonSigners} absent`,
    gas: used,
    ceiling: settleCeiling(members, nonSigners),
  }));
  const calls = (Object.keys(CALLS) as (keyof typeof CALLS)[]).map((call) => ({
    call,
    gas: gas[call],
    ceiling: CALLS[call],
  }));
  return [...settles, ...calls];
}

function settleCeiling(members: number, nonSigners: number): number {
  const known = SETTLE.find((entry) => entry.members === members && entry.nonSigners === nonSigners);
  if (!known) throw new Error(`no ceiling for settle with ${members} members, ${nonSigners} absent`);
  return known.ceiling;
}
