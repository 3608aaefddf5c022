import type { Ack, Reserve } from "#protocol/types/ack.ts";
import { findAccount } from "./accounts.ts";
import { transitionError } from "./errors.ts";
import { movePayer, type Payer } from "./payer.ts";
import type { ReservationRecord } from "./records.ts";
import type { State } from "./state.ts";
import { nodeKey } from "./values.ts";
import { rollAccount } from "./views.ts";

type Lane = Pick<Ack, "epoch" | "account" | "session" | "node">;

function findReservation(state: State, lane: Lane, key = nodeKey(lane)): ReservationRecord | undefined {
  return state.reservationsOf(lane.epoch).get(key);
}

/** micro-USD left of what the session key reserved for the node in the lane's epoch. */
export function reservationLeft(state: State, lane: Lane, key?: string): bigint {
  const record = findReservation(state, lane, key);
  return record ? record.amount - record.paid : 0n;
}

/** Raises the reservation to `amount`, in the current epoch. The caller has checked the money. */
export function raiseReservation(state: State, reserve: Reserve, payer: Payer, by: bigint): void {
  const { account, session, node, amount, epoch } = reserve;
  const known = findReservation(state, reserve);
  state.reservationsOf(epoch).put({ account, session, node, amount, paid: known?.paid ?? 0n });
  movePayer(state, payer, { epoch, spent: 0n, reserved: by, reservations: known ? 0 : 1 });
  moveReserved(state, account, epoch, by);
}

/** Takes what is paid out of a reservation from it, and from what the account has reserved. `keys`: of both in their tables. */
export function payFromReservation(
  state: State,
  lane: Lane,
  amount: bigint,
  keys: { holder: string; account: string },
): void {
  if (amount === 0n) return;
  const record = findReservation(state, lane, keys.holder);
  if (!record || record.amount - record.paid < amount) {
    throw transitionError("ERR_STATE_UNDERFLOW", "a reservation would fall below zero", { amount });
  }
  state.reservationsOf(lane.epoch).put({ ...record, paid: record.paid + amount }, keys.holder);
  moveReserved(state, lane.account, lane.epoch, -amount, keys.account);
}

function moveReserved(state: State, address: Uint8Array, epoch: number, by: bigint, key?: string): void {
  const found = findAccount(state, address, key);
  if (!found) throw transitionError("ERR_STATE_INCONSISTENT", "a reservation without an account");
  const account = rollAccount(found, state.epoch);
  const moved =
    epoch === state.epoch
      ? { ...account, reserved: account.reserved + by }
      : { ...account, reservedPrevious: account.reservedPrevious + by };
  state.accounts.put(moved, key);
}
