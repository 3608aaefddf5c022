import { type BalanceChange, CHANGE } from "#protocol/types/block.ts";
import type { Withdraw } from "#protocol/types/transactions.ts";
import { addPayout, debit } from "../accounts.ts";
import type { State } from "../state.ts";
import { assertBalance } from "./process-transfer.ts";
import { rejection } from "./rejection.ts";

/** Turns `amount` micro-USD of balance into payout, claimable once the epoch is settled (TRN-WITHDRAW). */
export function processWithdraw(state: State, body: Withdraw): BalanceChange[] {
  assertValidWithdraw(state, body);
  const change = debit(state, body.account, body.amount, CHANGE.withdraw);
  addPayout(state, body.account, body.amount, 0n);
  return [change];
}

/** @throws ERR_AMOUNT_ZERO, ERR_INSUFFICIENT_BALANCE */
function assertValidWithdraw(state: State, body: Withdraw): void {
  if (body.amount === 0n) throw rejection("ERR_AMOUNT_ZERO", "nothing to withdraw");
  assertBalance(state, body.account, body.amount);
}
