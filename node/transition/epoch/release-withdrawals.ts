import { minBigint } from "#protocol/types/bigint.ts";
import type { BalanceChange } from "#protocol/types/block.ts";
import { balanceToPayout } from "../accounts.ts";
import type { State } from "../state.ts";
import { reservedOf } from "../views.ts";

/**
 * Pays what was asked for on the L2 while a reservation held it (TRN-WITHDRAW-L2), as far as it is free once the
 * reservations of the epoch before this one have ended. What reservations of this epoch hold waits for the next close; what was
 * paid to nodes meanwhile is no longer there to be withdrawn.
 */
export function releaseWithdrawals(state: State, changes: BalanceChange[]): void {
  for (const account of [...state.accounts.values()]) {
    if (account.withdrawing === 0n) continue;
    const held = reservedOf(account, state.epoch + 1);
    const taken = minBigint(account.withdrawing, account.balance - held);
    state.accounts.put({ ...account, withdrawing: minBigint(account.withdrawing - taken, held) });
    const change = balanceToPayout(state, account.account, taken);
    if (change) changes.push(change);
  }
}
