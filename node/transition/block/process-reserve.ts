import type { SignatureVerifier } from "#node/interface/crypto.ts";
import { reserveDigest } from "#protocol/digests/ack.ts";
import {
  MAX_DELEGATED_RESERVATIONS,
  MAX_RESERVATIONS_PER_SESSION,
  MAX_RESERVATIONS_PER_SUBKEY,
  MIN_RESERVATION,
} from "#protocol/params/limits.ts";
import type { Reserve } from "#protocol/types/ack.ts";
import type { SubmitReserve } from "#protocol/types/transactions.ts";
import { availableOf } from "../accounts.ts";
import { Delegations, findPayer, limitLeft, type NoPayer, type Payer } from "../payer.ts";
import { raiseReservation } from "../reservations.ts";
import type { State } from "../state.ts";
import { nodeKey } from "../values.ts";
import { type RejectionCode, rejection } from "./rejection.ts";

/**
 * Locks balance and limit for the submitting node until the end of the next epoch (TRN-RESERVE). `amount` is cumulative:
 * what is above the amount reserved so far is locked, lower or equal changes nothing. All of it or a rejection. Returns
 * whether anything was locked.
 * @throws ERR_RESERVE_NODE, ERR_RESERVE_EPOCH, ERR_RESERVE_MINIMUM, ERR_UNKNOWN_SESSION, ERR_SESSION_EXPIRED, ERR_DELEGATION,
 * ERR_DELEGATION_EXPIRED, ERR_RESERVE_SIGNATURE, ERR_RESERVE_COUNT, ERR_RESERVE_LIMIT, ERR_INSUFFICIENT_BALANCE
 */
export function processReserve(state: State, body: SubmitReserve, signatures: SignatureVerifier): boolean {
  const { reserve } = body.signed;
  assertForm(state, body.node, reserve);
  const payer = assertPayer(state, body, signatures);
  const known = state.reservationsOf(reserve.epoch).get(nodeKey(reserve));
  const by = reserve.amount - (known?.amount ?? 0n);
  if (by <= 0n) return false;
  if (!known && isFull(payer)) {
    throw rejection("ERR_RESERVE_COUNT", "the session has reserved for as many nodes as it may");
  }
  const limit = limitLeft(payer, state.epoch);
  if (by > limit) throw rejection("ERR_RESERVE_LIMIT", `${limit} micro-USD are left of the session's limit`);
  const available = availableOf(state, reserve.account);
  if (by > available) throw rejection("ERR_INSUFFICIENT_BALANCE", `${available} micro-USD are available`);
  raiseReservation(state, reserve, payer, by);
  return true;
}

function isFull({ session, delegate }: Payer): boolean {
  if (!delegate) return session.reservations >= MAX_RESERVATIONS_PER_SESSION;
  return (
    delegate.record.reservations >= MAX_RESERVATIONS_PER_SUBKEY ||
    session.delegatedReservations >= MAX_DELEGATED_RESERVATIONS
  );
}

/** The cheap checks. */
function assertForm(state: State, node: number, reserve: Reserve): void {
  if (reserve.node !== node) throw rejection("ERR_RESERVE_NODE", `reserved for node ${reserve.node}`);
  if (reserve.epoch !== state.epoch) {
    throw rejection("ERR_RESERVE_EPOCH", `for epoch ${reserve.epoch}, it is ${state.epoch}`);
  }
  if (reserve.amount < MIN_RESERVATION) {
    throw rejection("ERR_RESERVE_MINIMUM", `a reservation has at least ${MIN_RESERVATION} micro-USD`);
  }
}

const REJECTIONS: Record<NoPayer, RejectionCode> = {
  unknown: "ERR_UNKNOWN_SESSION",
  expired: "ERR_SESSION_EXPIRED",
  delegation: "ERR_DELEGATION",
  delegationExpired: "ERR_DELEGATION_EXPIRED",
};

function assertPayer(
  state: State,
  { signed: { reserve, signature }, delegations }: SubmitReserve,
  signatures: SignatureVerifier,
): Payer {
  const { networkId } = state.network;
  const payer = findPayer(state, reserve, new Delegations(networkId, delegations, signatures));
  if (typeof payer === "string") throw rejection(REJECTIONS[payer], "this key may not reserve now");
  if (payer.session.revoked === 1) throw rejection("ERR_SESSION_EXPIRED", "the session was revoked");
  if (!signatures.ed25519(reserve.session, reserveDigest(networkId, reserve), signature)) {
    throw rejection("ERR_RESERVE_SIGNATURE", "not signed by the session key for this network");
  }
  return payer;
}
