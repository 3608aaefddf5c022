import { type AckConflict, LaneKey } from "../types/ack.ts";
import { equalBytes } from "../types/codec.ts";
import { verifyAckSignature, verifyDelegationSignature } from "./ack.ts";
import { laneKeyOf } from "./ids.ts";

/**
 * Whether these prove that a key signed two different acknowledgements with one count in one lane, and that a session key
 * delegated to it where they say so. Needs nothing but the network's id. Of the account it proves nothing: only the chain knows whether
 * that authorised `conflictSession`. Rule D14.
 */
export function isAckConflict(networkId: Uint8Array, { first, second, delegations }: AckConflict): boolean {
  const [a, b] = [first.ack, second.ack];
  const same = LaneKey.equals(laneKeyOf(a), laneKeyOf(b)) && a.count === b.count;
  const differ = a.units !== b.units || !equalBytes(a.log, b.log);
  if (!same || !differ) return false;
  const delegated = delegations.every((signed) => {
    const { account, subkey, from, to } = signed.delegation;
    const fits = equalBytes(account, a.account) && equalBytes(subkey, a.session);
    return fits && from <= a.epoch && a.epoch <= to && verifyDelegationSignature(networkId, signed);
  });
  return delegated && verifyAckSignature(networkId, first) && verifyAckSignature(networkId, second);
}

/** The session key that the account must have authorised if this is to say anything about it. Rule D14. */
export function conflictSession({ first, delegations: [delegated] }: AckConflict): Uint8Array {
  return delegated?.delegation.session ?? first.ack.session;
}
