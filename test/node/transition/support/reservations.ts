import assert from "node:assert/strict";
import type { ReservationRecord } from "#node/transition/records.ts";
import type { State } from "#node/transition/state.ts";
import { keyOf } from "#node/transition/values.ts";
import { rollSession } from "#node/transition/views.ts";

function leftBy(records: readonly ReservationRecord[], key: (record: ReservationRecord) => string) {
  const sums = new Map<string, bigint>();
  for (const record of records) {
    assert.ok(record.paid >= 0n && record.paid <= record.amount);
    sums.set(key(record), (sums.get(key(record)) ?? 0n) + record.amount - record.paid);
  }
  return sums;
}

/** The session that a key reserved for in an epoch: itself, or the one that delegated to it. */
function parentOf(state: State, epoch: number) {
  return ({ account, session }: ReservationRecord): string => {
    const delegate = state.delegatesOf(epoch).get(keyOf(account, session));
    return keyOf(account, delegate?.session ?? session);
  };
}

/** What is left of all reservations is what accounts, sessions and delegated keys say is reserved, and the money is there. */
export function assertReservations(state: State): void {
  const current = state.reservationsOf(state.epoch).values();
  const previous = state.reservationsOf(state.epoch + 1).values();
  const byAccount = leftBy([...current, ...previous], (record) => keyOf(record.account));
  for (const { account, balance, withdrawing } of state.accounts.values()) {
    const reserved = state.account(account)?.reserved ?? assert.fail();
    assert.equal(reserved, byAccount.get(keyOf(account)) ?? 0n);
    assert.ok(reserved <= balance);
    assert.ok(withdrawing >= 0n);
  }
  const now = leftBy(current, parentOf(state, state.epoch));
  const before = leftBy(previous, parentOf(state, state.epoch - 1));
  for (const record of state.sessions.values()) {
    const session = rollSession(record, state.epoch);
    const { account, key, limit, spent, spentPrevious, reserved, reservedPrevious } = session;
    assert.equal(reserved, now.get(keyOf(account, key)) ?? 0n);
    assert.equal(reservedPrevious, before.get(keyOf(account, key)) ?? 0n);
    assert.ok(spent + reserved <= limit && spentPrevious + reservedPrevious <= limit);
    const own = current.filter((one) => parentOf(state, state.epoch)(one) === keyOf(account, key));
    assert.equal(session.reservations + session.delegatedReservations, own.length);
  }
  for (const [epoch, records] of [
    [state.epoch, current],
    [state.epoch - 1, previous],
  ] as const) {
    const left = leftBy(records, (record) => keyOf(record.account, record.session));
    for (const { account, subkey, reserved } of state.delegatesOf(epoch + 2).values()) {
      assert.equal(reserved, left.get(keyOf(account, subkey)) ?? 0n);
    }
  }
}
