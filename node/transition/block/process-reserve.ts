import type { SignatureVerifier } from "#node/interface/crypto.ts";
import { reserveDigest } from "#protocol/digests/ack.ts";
import { MAX_RESERVATIONS_PER_SESSION, MIN_RESERVATION } from "#protocol/params/limits.ts";
import type { Reserve, SignedReserve } from "#protocol/types/ack.ts";
import type { SubmitReserve } from "#protocol/types/transactions.ts";
import { availableOf } from "../accounts.ts";
import type { SessionRecord } from "../records.ts";
import { limitLeft, raiseReservation } from "../reservations.ts";
import { nodeKey, type State } from "../state.ts";
import { keyOf } from "../values.ts";
import { rollSession } from "../views.ts";
import { rejection } from "./rejection.ts";

/**
 * Locks balance and limit for the submitting node until the end of the next epoch (TRN-RESERVE). `amount` is cumulative:
 * what is above the amount reserved so far is locked, lower or equal changes nothing. All of it or a rejection.
 * @throws ERR_RESERVE_NODE, ERR_RESERVE_EPOCH, ERR_RESERVE_MINIMUM, ERR_UNKNOWN_SESSION, ERR_SESSION_EXPIRED,
 * ERR_RESERVE_SIGNATURE, ERR_RESERVE_COUNT, ERR_RESERVE_LIMIT, ERR_INSUFFICIENT_BALANCE
 */
export function processReserve(state: State, body: SubmitReserve, signatures: SignatureVerifier): void {
  const { reserve } = body.signed;
  assertForm(state, body.node, reserve);
  const known = state.reservationsOf(reserve.epoch).get(nodeKey(reserve));
  const by = reserve.amount - (known?.amount ?? 0n);
  const session = rollSession(assertSession(state, body.signed, signatures), state.epoch);
  if (by <= 0n) return;
  if (!known && session.reservations >= MAX_RESERVATIONS_PER_SESSION) {
    throw rejection("ERR_RESERVE_COUNT", "the session has reserved for as many nodes as it may");
  }
  const limit = limitLeft(session, state.epoch);
  if (by > limit) throw rejection("ERR_RESERVE_LIMIT", `${limit} micro-USD are left of the session's limit`);
  const available = availableOf(state, reserve.account);
  if (by > available) throw rejection("ERR_INSUFFICIENT_BALANCE", `${available} micro-USD are available`);
  raiseReservation(state, reserve, session, by);
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

function assertSession(state: State, signed: SignedReserve, signatures: SignatureVerifier): SessionRecord {
  const { account, session: key, epoch } = signed.reserve;
  const session = state.sessions.get(keyOf(account, key));
  if (!session) throw rejection("ERR_UNKNOWN_SESSION", "the account has not authorised this key");
  if (epoch > session.expiryEpoch) {
    throw rejection("ERR_SESSION_EXPIRED", `the session ended with epoch ${session.expiryEpoch}`);
  }
  const digest = reserveDigest(state.network.networkId, signed.reserve);
  if (!signatures.ed25519(key, digest, signed.signature)) {
    throw rejection("ERR_RESERVE_SIGNATURE", "not signed by the session key for this network");
  }
  return session;
}
