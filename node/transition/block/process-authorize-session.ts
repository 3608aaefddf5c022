import { SESSION_SCHEME_ED25519 } from "#protocol/types/ack.ts";
import type { AuthorizeSession } from "#protocol/types/transactions.ts";
import type { State } from "../state.ts";
import { keyOf } from "../values.ts";
import { rejection } from "./rejection.ts";

/** Lets a key acknowledge for the account, at most `limit` micro-USD per epoch (TRN-SESSION). */
export function processAuthorizeSession(state: State, body: AuthorizeSession): void {
  assertValidAuthorizeSession(state, body);
  const { account, key, expiryEpoch, limit } = body;
  state.sessions.put({
    account,
    key,
    expiryEpoch,
    limit,
    spentEpoch: state.epoch,
    spent: 0n,
    spentPrevious: 0n,
    reserved: 0n,
    reservedPrevious: 0n,
    reservations: 0,
    delegatedReservations: 0,
    revoked: 0,
  });
}

/**
 * A key serves an account once: a revoked or expired one never comes back.
 * @throws ERR_SESSION_SCHEME, ERR_AMOUNT_ZERO, ERR_SESSION_EXPIRY_PAST, ERR_SESSION_EXISTS
 */
function assertValidAuthorizeSession(state: State, body: AuthorizeSession): void {
  if (body.scheme !== SESSION_SCHEME_ED25519)
    throw rejection("ERR_SESSION_SCHEME", `no key scheme ${body.scheme}`);
  if (body.limit === 0n) throw rejection("ERR_AMOUNT_ZERO", "a session needs a spend limit");
  if (body.expiryEpoch < state.epoch) {
    throw rejection("ERR_SESSION_EXPIRY_PAST", `epoch ${body.expiryEpoch} is over, it is ${state.epoch}`);
  }
  if (state.sessions.get(keyOf(body.account, body.key))) {
    throw rejection("ERR_SESSION_EXISTS", "the account has authorised this key before");
  }
}
