import type { RevokeSession } from "#protocol/types/transactions.ts";
import type { SessionRecord } from "../records.ts";
import type { State } from "../state.ts";
import { keyOf } from "../values.ts";
import { rejection } from "./rejection.ts";

/** The session reserves no more and expires with the current epoch: what it acknowledged until then stays payable (TRN-REVOKE). */
export function processRevokeSession(state: State, body: RevokeSession): void {
  const session = assertValidRevokeSession(state, body);
  state.sessions.put({ ...session, expiryEpoch: state.epoch, revoked: 1 });
}

/** @throws ERR_UNKNOWN_SESSION, ERR_SESSION_EXPIRED */
function assertValidRevokeSession(state: State, body: RevokeSession): SessionRecord {
  const session = state.sessions.get(keyOf(body.account, body.key));
  if (!session) throw rejection("ERR_UNKNOWN_SESSION", "the account has not authorised this key");
  if (session.revoked === 1 || session.expiryEpoch < state.epoch) {
    throw rejection("ERR_SESSION_EXPIRED", `the session has ended in epoch ${session.expiryEpoch}`);
  }
  return session;
}
