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

/** What is left of all reservations is what accounts and sessions say is reserved, and the money for it is there. */
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
  const session = (record: ReservationRecord) => keyOf(record.account, record.session);
  const [now, before] = [leftBy(current, session), leftBy(previous, session)];
  for (const record of state.sessions.values()) {
    const { account, key, limit, spent, spentPrevious, reserved, reservedPrevious, reservations } =
      rollSession(record, state.epoch);
    assert.equal(reserved, now.get(keyOf(account, key)) ?? 0n);
    assert.equal(reservedPrevious, before.get(keyOf(account, key)) ?? 0n);
    assert.ok(spent + reserved <= limit && spentPrevious + reservedPrevious <= limit);
    const own = current.filter((one) => session(one) === keyOf(account, key));
    assert.equal(reservations, own.length);
  }
}
