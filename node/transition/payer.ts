import type { SignatureVerifier } from "#node/interface/crypto.ts";
import { delegationDigest } from "#protocol/digests/ack.ts";
import type { SignedDelegation } from "#protocol/types/ack.ts";
import { maxBigint, minBigint } from "#protocol/types/bigint.ts";
import type { DelegateRecord, SessionRecord } from "./records.ts";
import type { State } from "./state.ts";
import { keyOf } from "./values.ts";
import { rollSession } from "./views.ts";

/** Out of whose limits a key spends: its own, or a delegated key's within those of its session. Rolled to the current epoch. */
export interface Payer {
  session: SessionRecord;
  /** of the session in its table */
  sessionKey: string;
  delegate?: { record: DelegateRecord; limit: bigint };
}

/** A key that an account has not authorised, one whose time is over, and the same of a delegation. */
export type NoPayer = "unknown" | "expired" | "delegation" | "delegationExpired";

/** Whose acknowledgement or reservation, in the current epoch or the one before. */
interface Key {
  account: Uint8Array;
  session: Uint8Array;
  epoch: number;
}

/** The delegations that came with a transaction: each signature is checked once at most. */
export class Delegations {
  readonly #byKey = new Map<string, SignedDelegation>();
  readonly #valid = new Map<SignedDelegation, boolean>();
  readonly #networkId: Uint8Array;
  readonly #signatures: SignatureVerifier;

  constructor(
    networkId: Uint8Array,
    delegations: readonly SignedDelegation[],
    signatures: SignatureVerifier,
  ) {
    this.#networkId = networkId;
    this.#signatures = signatures;
    for (const signed of delegations) {
      const { account, subkey } = signed.delegation;
      const key = keyOf(account, subkey);
      if (!this.#byKey.has(key)) this.#byKey.set(key, signed);
    }
  }

  find(account: Uint8Array, subkey: Uint8Array): SignedDelegation | undefined {
    return this.#byKey.get(keyOf(account, subkey));
  }

  isValid(signed: SignedDelegation): boolean {
    const known = this.#valid.get(signed);
    if (known !== undefined) return known;
    const { delegation, signature } = signed;
    const digest = delegationDigest(this.#networkId, delegation);
    const valid = this.#signatures.ed25519(delegation.session, digest, signature);
    this.#valid.set(signed, valid);
    return valid;
  }
}

/**
 * Who pays for what `key` signs (TRN-DELEGATE). A key that spent or reserved by a delegation in an epoch does so to its end, by
 * the same session, also when the account authorises it itself meanwhile: what is left of its reservations is counted there.
 */
export function findPayer(
  state: State,
  key: Key,
  delegations: Delegations,
  id: string = keyOf(key.account, key.session),
): Payer | NoPayer {
  const record = state.delegatesOf(key.epoch).get(id);
  const own = record ? undefined : state.sessions.get(id);
  if (own) {
    if (key.epoch > own.expiryEpoch) return "expired";
    return { session: rollSession(own, state.epoch), sessionKey: id };
  }
  const signed = delegations.find(key.account, key.session);
  if (!signed) return "unknown";
  const { session: parentKey, from, to, limit } = signed.delegation;
  if (key.epoch < from || key.epoch > to) return "delegationExpired";
  const sessionKey = keyOf(key.account, parentKey);
  const parent = state.sessions.get(sessionKey);
  if (!parent) return "unknown";
  if (key.epoch > parent.expiryEpoch) return "expired";
  if (record && keyOf(record.session) !== keyOf(parentKey)) return "delegation";
  if (!delegations.isValid(signed)) return "delegation";
  const { account, session: subkey } = key;
  const fresh = { account, subkey, session: parentKey, spent: 0n, reserved: 0n, reservations: 0 };
  const delegate = { record: record ?? fresh, limit };
  return { session: rollSession(parent, state.epoch), sessionKey, delegate };
}

/** micro-USD that the payer may still spend or reserve in `epoch`, the current one or the one before; not below zero. */
export function limitLeft({ session, delegate }: Payer, epoch: number): bigint {
  const left =
    epoch === session.spentEpoch
      ? session.limit - session.spent - session.reserved
      : session.limit - session.spentPrevious - session.reservedPrevious;
  if (!delegate) return left;
  const { limit, record } = delegate;
  return minBigint(left, maxBigint(limit - record.spent - record.reserved, 0n));
}

/** What a payment or a reservation adds in `epoch`, micro-USD. */
export interface Movement {
  epoch: number;
  spent: bigint;
  reserved: bigint;
  /** nodes newly reserved for */
  reservations: number;
}

/** Counts it with the session, and with the delegated key within it. */
export function movePayer(state: State, { session, sessionKey, delegate }: Payer, movement: Movement): void {
  const { epoch, spent, reserved, reservations } = movement;
  const [now, before] = epoch === session.spentEpoch ? [1n, 0n] : [0n, 1n];
  const moved = {
    ...session,
    spent: session.spent + now * spent,
    spentPrevious: session.spentPrevious + before * spent,
    reserved: session.reserved + now * reserved,
    reservedPrevious: session.reservedPrevious + before * reserved,
    reservations: session.reservations + (delegate ? 0 : reservations),
    delegatedReservations: session.delegatedReservations + (delegate ? reservations : 0),
  };
  state.sessions.put(moved, sessionKey);
  if (!delegate) return;
  const { record } = delegate;
  state.delegatesOf(epoch).put({
    ...record,
    spent: record.spent + spent,
    reserved: record.reserved + reserved,
    reservations: record.reservations + reservations,
  });
}
