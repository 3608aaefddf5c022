import { PARAMETER_KEYS, type ParameterKey } from "#protocol/params/keys.ts";
import { BPS } from "#protocol/params/limits.ts";
import { minBigint } from "#protocol/types/bigint.ts";
import { transitionError } from "./errors.ts";
import type { ParameterRecord } from "./records.ts";
import type { State } from "./state.ts";
import { asciiToBytes32, keyOf } from "./values.ts";

export const SHARE_KEYS = ["nodeShareBps", "serviceShareBps", "treasuryShareBps", "buybackShareBps"] as const;
/** Read by others only; the rest must be there at genesis. */
const NOT_OURS: readonly ParameterKey[] = ["l2Stride", "thawPeriod"];
const MAX_UINT256 = (1n << 256n) - 1n;
/** About 34 years, so that times stay safe integers whatever was voted. */
const MAX_EPOCH_LENGTH_MS = 1n << 40n;

/** The value in effect in this epoch. @throws ERR_PARAMETER_MISSING */
export function requireParameter(state: State, key: ParameterKey): bigint {
  const value = state.parameter(key);
  if (value === undefined)
    throw transitionError("ERR_PARAMETER_MISSING", `parameter ${key} is not set`, { key });
  return value;
}

/** ms */
export function epochLength(state: State): number {
  return Number(minBigint(requireParameter(state, "epochLengthMs"), MAX_EPOCH_LENGTH_MS));
}

/** For values that count something small; larger ones mean "no limit". */
export function countParameter(state: State, key: ParameterKey): number {
  return Number(minBigint(requireParameter(state, key), BigInt(Number.MAX_SAFE_INTEGER)));
}

/** Notes a change: in effect from the next epoch boundary. */
export function setNextParameter(state: State, key: ParameterKey, value: bigint): void {
  const id = asciiToBytes32(key);
  const known = state.parameters.get(keyOf(id));
  const next = minBigint(value, MAX_UINT256);
  state.parameters.put({ key: id, active: known?.active ?? 0, value: known?.value ?? 0n, next });
}

/** The epoch boundary. Revenue shares that do not sum to 100 % stay as they were, all four. */
export function activateParameters(state: State): void {
  const shares = SHARE_KEYS.map((key) => state.parameters.get(keyOf(asciiToBytes32(key))));
  const sum = shares.reduce((total, record) => total + (record?.next ?? 0n), 0n);
  const held = new Set<ParameterRecord | undefined>(sum === BPS ? [] : shares);
  for (const record of [...state.parameters.values()]) {
    if (held.has(record) || (record.active === 1 && record.value === record.next)) continue;
    state.parameters.put({ ...record, active: 1, value: record.next });
  }
}

/** @throws ERR_GENESIS_PARAMETER */
export function assertGenesisParameters(state: State): void {
  for (const key of PARAMETER_KEYS) {
    if (NOT_OURS.includes(key) || state.parameter(key) !== undefined) continue;
    throw transitionError(
      "ERR_GENESIS_PARAMETER",
      `parameter ${key} is not set, or the shares are not 100 %`,
      { key },
    );
  }
}
