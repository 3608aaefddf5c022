import { minBigint } from "#protocol/types/bigint.ts";
import { type BalanceChange, CHANGE } from "#protocol/types/block.ts";
import { transitionError } from "./errors.ts";
import type { AccountRecord } from "./records.ts";
import type { State } from "./state.ts";
import { keyOf } from "./values.ts";
import { reservedOf } from "./views.ts";

/** Every balance fits a u64 because all deposits together do (18 · 10^12 USD). */
const MAX_DEPOSITS = (1n << 64n) - 1n;

type Reason = (typeof CHANGE)[keyof typeof CHANGE];

/** `key`, here and below: that of the account in its table, where the caller has it. */
export function findAccount(
  state: State,
  account: Uint8Array,
  key: string = keyOf(account),
): AccountRecord | undefined {
  return state.accounts.get(key);
}

/** micro-USD of the balance that no reservation holds; 0 for an unknown account. */
export function availableOf(state: State, account: Uint8Array, key?: string): bigint {
  const record = findAccount(state, account, key);
  return record ? record.balance - reservedOf(record, state.epoch) : 0n;
}

function accountOrNew(state: State, account: Uint8Array, key?: string): AccountRecord {
  return (
    findAccount(state, account, key) ?? {
      account,
      balance: 0n,
      depositsSeen: 0n,
      nonce: 0,
      payoutStable: 0n,
      payoutFlk: 0n,
      reservedEpoch: 0,
      reserved: 0n,
      reservedPrevious: 0n,
      withdrawing: 0n,
      quotaEpoch: 0,
      quotaBytes: 0,
    }
  );
}

/** Adds `amount` micro-USD; makes the account when it is new. */
export function credit(state: State, account: Uint8Array, amount: bigint, reason: Reason): BalanceChange {
  const record = accountOrNew(state, account);
  const balance = record.balance + amount;
  state.accounts.put({ ...record, balance });
  state.patchMeta({ totalBalances: state.meta.value.totalBalances + amount });
  return { account: record.account, reason, delta: amount, balance };
}

/** Takes `amount` micro-USD. @throws ERR_STATE_UNDERFLOW: callers check the balance first */
export function debit(
  state: State,
  account: Uint8Array,
  amount: bigint,
  reason: Reason,
  key: string = keyOf(account),
): BalanceChange {
  const record = accountOrNew(state, account, key);
  const balance = record.balance - amount;
  if (balance < 0n)
    throw transitionError("ERR_STATE_UNDERFLOW", "a balance would fall below zero", { amount });
  state.accounts.put({ ...record, balance }, key);
  state.patchMeta({ totalBalances: state.meta.value.totalBalances - amount });
  return { account: record.account, reason, delta: amount, balance };
}

/** Raises the cumulative payouts (micro-USD, wei); makes the account when it is new. Zero of both changes nothing. */
export function addPayout(state: State, account: Uint8Array, stable: bigint, flk: bigint): void {
  if (stable === 0n && flk === 0n) return;
  const record = accountOrNew(state, account);
  state.accounts.put({
    ...record,
    payoutStable: record.payoutStable + stable,
    payoutFlk: record.payoutFlk + flk,
  });
  const { totalPayoutStable, totalPayoutFlk } = state.meta.value;
  state.patchMeta({ totalPayoutStable: totalPayoutStable + stable, totalPayoutFlk: totalPayoutFlk + flk });
}

/** Turns `amount` micro-USD of balance into payout. Undefined when that is nothing. @throws ERR_STATE_UNDERFLOW as `debit` */
export function balanceToPayout(
  state: State,
  account: Uint8Array,
  amount: bigint,
): BalanceChange | undefined {
  if (amount === 0n) return undefined;
  const change = debit(state, account, amount, CHANGE.withdraw);
  addPayout(state, account, amount, 0n);
  return change;
}

/** Credits what `total` is above the deposits seen (TRN-DEPOSIT). Undefined when there is nothing new. */
export function creditDeposits(state: State, account: Uint8Array, total: bigint): BalanceChange | undefined {
  const { totalDeposits } = state.meta.value;
  const record = accountOrNew(state, account);
  const unseen = total - record.depositsSeen;
  const room = MAX_DEPOSITS - totalDeposits;
  const amount = minBigint(unseen, room);
  if (amount <= 0n) return undefined;
  state.accounts.put({ ...record, depositsSeen: record.depositsSeen + amount });
  state.patchMeta({ totalDeposits: totalDeposits + amount });
  return credit(state, account, amount, CHANGE.deposit);
}
