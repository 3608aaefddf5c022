import { type BalanceChange, CHANGE } from "#protocol/types/block.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import type { Transfer } from "#protocol/types/transactions.ts";
import { availableOf, credit, debit, findAccount } from "../accounts.ts";
import { requireParameter } from "../parameters.ts";
import type { State } from "../state.ts";
import { rejection } from "./rejection.ts";

/** Moves `amount` micro-USD between balances (TRN-TRANSFER). */
export function processTransfer(state: State, body: Transfer): BalanceChange[] {
  assertValidTransfer(state, body);
  return [
    debit(state, body.account, body.amount, CHANGE.transferOut),
    credit(state, body.to, body.amount, CHANGE.transferIn),
  ];
}

/** @throws ERR_AMOUNT_ZERO, ERR_SELF_TRANSFER, ERR_INSUFFICIENT_BALANCE, ERR_MIN_BALANCE */
function assertValidTransfer(state: State, body: Transfer): void {
  if (body.amount === 0n) throw rejection("ERR_AMOUNT_ZERO", "nothing to transfer");
  if (equalBytes(body.account, body.to))
    throw rejection("ERR_SELF_TRANSFER", "sender and receiver are one account");
  assertBalance(state, body.account, body.amount);
  if (!findAccount(state, body.to) && body.amount < requireParameter(state, "minBalance"))
    throw rejection("ERR_MIN_BALANCE", "a new account starts with the minimum balance");
}

/** Out of what no reservation holds. @throws ERR_INSUFFICIENT_BALANCE */
export function assertBalance(state: State, account: Uint8Array, amount: bigint): void {
  const available = availableOf(state, account);
  if (available < amount)
    throw rejection("ERR_INSUFFICIENT_BALANCE", `${available} micro-USD of the balance are available`);
}
